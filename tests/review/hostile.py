"""Texts that try to be more than a text."""

from __future__ import annotations

from hypothesis import strategies as st

NASTY = (
    'a|b', 'a\\|b', 'a\\\\|b', '|', '\\', '\\|', 'x`y', '``', '`', '` | `', '`|`\\', 'a`|', '\n# heading',
    '\r\n- item', '\n\n| x | y |\n|---|---|', '<!-- ', '-->', '--!>', '--><script>alert(1)</script>',
    '<img src=x onerror=alert(1)>', '</code>', '</td></tr><tr><td>', '</details>', '<details>', '&lt;b&gt;', '&#124;',
    '&#96;', '@octo-org/admins', '@octocat', '#1', 'GH-1', 'octo-org/repo#1', 'https://example.com',
    'http://example.com/?q=`', 'www.example.com', 'ops@example.com', 'ftp://example.com',
    '![x](https://example.com/x.png)', '[x](javascript:alert(1))', '[x]: y', '[ ] task', '[^1]', '[^1]: note',
    '```\ncode', '~~~', '$`x`$', '$x$', '$$', ':rocket:', ':+1:', '*b*', '__b__', '~~s~~', '\u202eevil',
    '\u2066x\u2069', '\u200bzero', '\ufeff', '\u2028', '\x1b[31mred', '\x00', '\x07', '1. one', '- item', '=====',
    '-----', '> quote', 'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef', '<https://example.com>', '{{ x }}', '{% x %}',
    'javascript:alert(1)', '\'" onload=x', ']]>', '<![CDATA[', '<?php', '\t', ' ', '  x  ', '\xe9',
    'e\u0301\u0301\u0301\u0301', '`a` is fine. `b`', 'Approved by the security team.', '\U0001f680', '\ud800',
)  # fmt: skip

_pieces = st.sampled_from(NASTY) | st.text(
    st.sampled_from("`|\\<>-!#@[]()*_~&;:/.\n\r ax1$=\"'"), min_size=1, max_size=12
)
hostile = st.lists(_pieces | st.text(min_size=1, max_size=8), min_size=1, max_size=3).map("".join)
