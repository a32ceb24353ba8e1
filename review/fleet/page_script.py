"""What the fleet's page does in a browser: it sorts and searches the rows that it has. A constant and nothing else.

It loads nothing, stores nothing and writes no HTML: rows are moved and hidden. Without it the page is a table.
"""

SCRIPT = """
"use strict";
(() => {
  const table = document.querySelector("table"), body = table.tBodies[0];
  const rows = Array.from(body.rows), heads = Array.from(table.tHead.rows[0].cells);
  const search = document.getElementById("search"), only = document.getElementById("only");
  const order = document.getElementById("order"), shown = document.getElementById("shown");
  const text = (row) => Array.from(row.cells, (cell) => cell.textContent).join(" ").toLowerCase();
  const texts = new Map(rows.map((row) => [row, text(row)]));
  const language = new Intl.Collator("en", { numeric: true });

  const sort = (column, down) => {
    const number = heads[column].dataset.kind === "number";
    const key = (row) => row.cells[column].dataset.sort;
    const compare = number ? (a, b) => Number(key(a)) - Number(key(b)) : (a, b) => language.compare(key(a), key(b));
    rows.sort((a, b) => (down ? -compare(a, b) : compare(a, b)));
    body.append(...rows);
    heads.forEach((head, at) => {
      head.setAttribute("aria-sort", at !== column ? "none" : down ? "descending" : "ascending");
    });
    order.value = column + (down ? "-" : "+");
  };

  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = words.every((word) => texts.get(row).includes(word));
      row.hidden = !fits || (only.checked && !row.classList.contains("look"));
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = count + " of " + rows.length + " shown";
  };

  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      sort(column, head.getAttribute("aria-sort") === "ascending");
    });
  });
  order.addEventListener("change", () => sort(parseInt(order.value, 10), order.value.endsWith("-")));
  search.addEventListener("input", filter);
  only.addEventListener("change", filter);
  document.querySelector(".controls").hidden = false;
  filter();
})();
"""
