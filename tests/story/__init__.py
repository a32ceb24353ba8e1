"""One story from the first pull request to drift, told by make targets on the real engine. `make story` runs it.

scenes     what the people do, and the report that each of them gets
pages      where the expected reports lie, and the page of the documentation that shows them
browser    the HTML report as a real browser shows it
"""
