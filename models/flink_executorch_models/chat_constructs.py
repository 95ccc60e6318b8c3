"""One construct of the template language a line; the golden is what Jinja2 renders, or that it refuses."""

VARIABLES = {
    "s": "Hello World",
    "sp": "  \t x y \n",
    "u": "aß😀é",
    "empty": "",
    "n": None,
    "t": True,
    "f": False,
    "i": 7,
    "neg": -3,
    "d": 2.5,
    "whole": 3.0,
    "tiny": 1e-7,
    "big": 1e22,
    "l": [3, 1, 2],
    "words": ["b", "A", "c", "a"],
    "m": {"b": 1, "a": "x", "items": [1, 2]},
    "rows": [{"k": "x", "v": 1}, {"k": "y", "v": 2, "w": {"z": 5}}, {"k": "x", "v": 3}],
    "nested": {"q": "it's", "dq": 'say "hi"', "both": "'\"", "nl": "a\nb\\", "none": None, "list": [True, 1.0, "é", []]},
    "html": "<a href='x'>&\"</a>",
    "lines": "one\n\n  two\nthree",
}

EXPRESSIONS = [
    # printing
    "n", "t", "f", "i", "d", "whole", "tiny", "big", "l", "m", "nested", "(1, 2)", "(1,)", "()", "[]", "{}", "missing", "1, 2",
    "[n, t, 1.0, 'a', \"it's\"]", "0.1 + 0.2", "1e16", "1e15", "123456789.125", "1e-4", "1e-5", "1_000", "0x1f", "1.5e3", "-0.0",
    "'a\\tb\\\\n\\u00e9\\x41'", "'it''s'", "'a' 'b'", "['\\t\\x01\\u200b😀']",
    # literals and names
    "true", "True", "none", "None", "false is false", "self is defined", "{'a': 1, 'b': [2, {'c': 3}]}.b[1].c", "{1: 'x'}[1]",
    # arithmetic
    "1 + 2 * 3", "(1 + 2) * 3", "7 / 2", "7 // 2", "-7 // 2", "7 % 3", "-7 % 3", "2 ** 10", "2 ** -1", "7.5 // 2", "-7.5 % 2", "4 / 2",
    "1 / 0", "1 % 0", "'a' * 3", "3 * 'ab'", "[1] * 2", "'a' * -1", "l + [4]", "'a' + 1", "'a' + n", "s + missing", "missing + 1", "t + 1",
    "1 ~ 'a' ~ n ~ 2.0", "1 + 2 ~ 3", "-i", "+i", "- -i", "-'a'", "2 ** 3 ** 2", "-2 ** 2", "10 - 3 - 2", "l - l", "'%s is %d' % ('a', 3)",
    "(1, 2) + (3,)", "m + m",
    # comparison and logic
    "1 < 2 < 3", "3 > 2 > 2", "1 == 1.0", "t == 1", "'1' == 1", "n == false", "[1, 2] == [1, 2]", "m == m", "'a' < 'b'", "[1, 2] < [1, 3]",
    "1 < 'a'", "n < 1", "missing == missing2", "missing != 1", "missing < 1", "not n", "not 0", "not 'x'", "0 or 'x'", "1 and 0", "empty or n or l",
    "n and n.x", "t and not f", "1 in l", "4 not in l", "'lo' in s", "'a' in m", "'' in s", "1 in 'a1'", "1 in n", "'x' in missing", "not 1 in l",
    "'yes' if i > 5 else 'no'", "'yes' if i > 50", "('a' if f) ~ 'b'", "1 if t else missing.x", "i if i else n if n else d", "not t == f",
    # subscripts and slices
    "l[0]", "l[-1]", "l[3]", "l[-4]", "l['0']", "s[0]", "s[-1]", "s[100]", "s[::-1]", "l[::-1]", "l[1:]", "l[:-1]", "l[-2:]", "l[5:]", "s[::2]",
    "s[8:2:-2]", "s[-3:-1]", "l[::0]", "s[1:4]", "u[1:3]", "u[::-1]", "u|length", "(1, 2, 3)[1:]", "m['a']", "m.a", "m['zz']", "m.zz", "m.zz.y",
    "m['zz']['y']", "n.x", "n['x']", "missing.x", "missing['x']", "i.x", "l.x", "s.x", "m['items']", "l[none:2]", "i[0]", "m[l]", "l[true]", "'abc'[n]",
    "rows[1].w.z", "rows[1]['w']['z']", "rows.1.v", "rows.0.k",
    # methods
    "s.startswith('He')", "s.startswith(('x', 'H'))", "s.endswith('ld')", "s.startswith('Wo', 6)", "sp.strip()", "sp.lstrip()", "sp.rstrip()", "sp.strip(' \\t')",
    "'xxaxx'.strip('x')", "'xyaxy'.lstrip('yx')", "'a.b.'.rstrip('.')", "s.split()", "s.split('o')", "s.split('o', 1)", "sp.split()", "''.split()",
    "''.split(',')", "'a,b,c'.rsplit(',', 1)", "'a b c'.split(maxsplit=1)", "s.split('')", "s.replace('o', '0')", "s.replace('o', '0', 1)", "'ab'.replace('', '-')",
    "s.upper()", "s.lower()", "s.title()", "s.swapcase()", "'hELLO'.capitalize()", "u.upper()", "'İΣ'.lower()", "s.find('o')", "s.rfind('o')", "s.find('z')",
    "s.index('z')", "s.count('l')", "','.join(words)", "','.join(l)", "','.join('ab')", "'12'.isdigit()", "'a1'.isalnum()", "'ab'.isalpha()", "' '.isspace()",
    "'AB'.isupper()", "'ab'.islower()", "''.isdigit()", "'a\\nb'.splitlines()", "'a-b'.partition('-')", "'a-b-c'.rpartition('-')", "'abc'.removeprefix('a')",
    "'abc'.removesuffix('c')", "'7'.zfill(3)", "'a'.ljust(3) ~ '|'", "'a'.rjust(3)", "'a'.center(4) ~ '|'", "s.nope()", "m.get('a')", "m.get('z')", "m.get('z', 5)",
    "m.keys()|list", "m.values()|list", "m.items()|list", "m.keys()", "l.append(4)", "l.index(2)", "l.count(1)", "m.update({'x': 1})", "m.pop('a')", "s.strip(1)",
    "m.get()", "l.index(9)", "'a{}'.format(1)",
    # filters
    "s|length", "l|length", "m|count", "n|length", "missing|length", "s|upper", "s|lower|title", "'it''s o-k 3rd (foo)'|title", "'hELLO wORLD'|capitalize", "sp|trim",
    "'xax'|trim('x')", "n|trim", "n|upper", "missing|upper", "l|first", "l|last", "[]|first", "s|first", "s|last", "[]|last", "l|sort", "l|sort(reverse=true)", "words|sort",
    "words|sort(case_sensitive=true)", "rows|sort(attribute='k')|map(attribute='v')|list", "rows|sort(attribute='v', reverse=true)|map(attribute='v')|list",
    "rows|sort(attribute='k,v', reverse=true)|map(attribute='v')|list", "[1, 'a']|sort",
    "words|unique|list", "words|unique(case_sensitive=true)|list", "rows|unique(attribute='k')|map(attribute='v')|list", "l|join", "l|join(', ')",
    "rows|join('-', attribute='k')", "[n, t, 1.5]|join(',')", "missing|join", "n|join", "l|reverse|list", "s|reverse", "l|list", "s|list", "m|list", "n|list", "i|string ~ 'x'",
    "n|string", "'12'|int + 1", "'x'|int", "'x'|int(5)", "'1.9'|int", "2.9|int", "'1.5'|float", "'x'|float", "'0x1f'|int(0, 16)", "n|int", "2.5|round", "3.5|round", "2.567|round(2)",
    "2.1|round(method='ceil')", "neg|abs", "missing|default('x')", "n|default('x')", "n|default('x', true)", "empty|d('y', boolean=true)", "missing|default", "m.zz|default('q')",
    "rows|map(attribute='v')|list", "rows|map(attribute='w', default='-')|list", "rows|map(attribute='w.z')|list", "rows|map(attribute='w.z', default=0)|list", "words|map('upper')|list",
    "words|map('replace', 'a', 'z')|list", "rows|map('length')|list", "rows|selectattr('k', 'equalto', 'x')|list|length", "rows|selectattr('w')|list|length",
    "rows|selectattr('w', 'defined')|map(attribute='k')|list", "rows|rejectattr('k', 'eq', 'x')|map(attribute='v')|list", "rows|selectattr('v', '>', 1)|map(attribute='v')|list",
    "rows|selectattr('k', 'in', ['y'])|map(attribute='v')|list", "rows|selectattr('w.z', '==', 5)|list|length", "l|select('odd')|list", "l|reject('odd')|list", "[0, 1, '', 'a']|select|list",
    "rows|selectattr('k', 'equalto', 'zz')|first", "rows|selectattr('k')|length", "(rows|selectattr('k', 'equalto', 'zz')) is true", "'t' if rows|selectattr('k', 'equalto', 'zz') else 'f'",
    "l|sum", "rows|sum(attribute='v')", "[]|sum(start=5)", "l|min", "l|max", "words|min", "rows|max(attribute='v')", "[]|max", "s|replace('o', '0')", "s|replace('o', '0', 1)",
    "12|replace(1, 3)", "lines|indent", "lines|indent(2, true)", "lines|indent(2, first=true, blank=true)", "lines|indent('> ')", "s|wordcount", "s|center(15) ~ '|'", "html|escape", "html|e", "html|safe",
    "m|items|list", "missing|items|list", "m|dictsort", "m|dictsort(reverse=true)", "m|dictsort(by='key')", "{'b': 1, 'A': 2}|dictsort", "{'b': 1, 'A': 2}|dictsort(true)", "{'a': 2, 'b': 1}|dictsort(by='value')",
    "l|batch(2)|list", "l|batch(2, 0)|list", "l|slice(2)|list", "rows|groupby('k')|map(attribute='grouper')|list", "rows|groupby('k')|map(attribute='list')|map('length')|list",
    "'%s-%s'|format('a', 1)", "'%.2f'|format(2.345)", "s|truncate(8)", "s|truncate(8, true, '..', 0)", "s|nope", "'x' if f else s|nope", "m|attr('a')", "s|length is number", "-1|abs", "(-1)|abs", "l|length - 1", "l[1:]|length",
    "s|upper|replace('O', '0')|lower", "l|join(',')|upper", "s | trim | length > 3",
    # tojson
    "nested|tojson", "nested|tojson(indent=2)", "l|tojson(indent=4)", "[]|tojson(indent=2)", "{'a': []}|tojson(indent=2)", "{}|tojson(indent=2)", "u|tojson", "u|tojson(ensure_ascii=true)",
    "m|tojson(sort_keys=true)", "l|tojson(separators=(',', ':'))", "nested|tojson(separators=(',', ': '), indent=1)", "n|tojson", "d|tojson", "big|tojson", "html|tojson", "'\\u2028\\x7f\\x01/'|tojson", "missing|tojson",
    "{1: 2, true: n}|tojson", "(1, 2)|tojson", "rows|map(attribute='v')|tojson", "1e16|tojson", "nested|tojson(indent=none)", "l|tojson(indent='--')",
    # tests
    "missing is defined", "n is defined", "m.a is defined", "m.zz is undefined", "n is none", "n is not none", "s is string", "i is string", "l is string", "m is mapping", "l is mapping",
    "l is iterable", "s is iterable", "i is iterable", "m is iterable", "n is iterable", "missing is iterable", "l is sequence", "s is sequence", "m is sequence", "i is sequence", "n is sequence", "i is number", "t is number", "d is number",
    "i is integer", "t is integer", "d is float", "t is boolean", "i is boolean", "t is true", "1 is true", "f is false", "0 is false", "i is odd", "i is even", "6 is divisibleby 3", "6 is divisibleby(4)",
    "i is eq 7", "i is equalto(7)", "i is ne 7", "i is gt 3", "i is lt 3", "i is ge(7)", "i is le 6", "1 is in l", "1 is in(l)", "n is sameas none", "'ab' is lower", "'AB' is upper", "range is callable", "s is callable", "'upper' is filter",
    "'nope' is filter", "'odd' is test", "s is nope", "not n is none", "n is none and t", "i is divisibleby 7 and true", "l|length is eq 3", "missing.x is defined", "m.zz.y is defined", "s is not number", "html is escaped",
    # functions
    "range(3)|list", "range(1, 7, 2)|list", "range(3, 0, -1)|list", "range(3)", "range(3)|length", "range(5)[1]", "range(3) is sequence", "dict(a=1, b=2)", "dict(m, c=3)|length", "namespace(a=1).a", "namespace(a=1).b", "nope()", "s()",
    "raise_exception('bad')", "raise_exception()", "range()", "strftime_now('%d %b %Y')", "strftime_now('%Y-%m-%d %H:%M:%S %A %B %a %j %y %I %p %-d %%')", "range(100001)|length", "range(100000)|length",
    # the sandbox
    "s.__class__", "s.__class__.__mro__", "s['__class__']", "''.__class__.__subclasses__()", "m.__init__.__globals__", "s|attr('__class__')", "range.__self__", "l.__len__()", "cycler.__init__",
    # special tokens
    "bos_token ~ eos_token", "unk_token", "tools", "documents", "add_generation_prompt", "tools is defined", "messages|length",
    # syntax errors
    "", "1 +", "(1", "[1", "{'a' 1}", "'open", "1 2", "a b", "s|", "s is", "1 is odd is odd", "{{ 1 }}", "l[", "l[1:2:3:4]", "a.", "f(a=1, 2)", "$", "a = 1", "if", "1..2", "@a", "a ? b : c", "a && b", "a!",
]  # fmt: skip

STATEMENTS = [
    # loops
    "{% for x in l %}{{ x }},{% endfor %}", "{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }};{% endfor %}",
    "{% for x in [] %}a{% else %}none{% endfor %}", "{% for x in l if x > 1 %}{{ loop.index }}{{ x }}{% endfor %}", "{% for x in l if x > 9 %}a{% else %}b{% endfor %}",
    "{% for k, v in m.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in m %}{{ k }}{% endfor %}", "{% for c in u %}{{ c }}.{% endfor %}", "{% for x in missing %}a{% endfor %}b", "{% for x in n %}a{% endfor %}",
    "{% for x in i %}a{% endfor %}", "{% for x in l %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }}|{% endfor %}", "{% for x in l %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}", "{% for x in l %}{% for y in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}", "{% for a, b in [(1, 2), (3, 4)] %}{{ a }}{{ b }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}", "{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "{% for x in l %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in [1, [2, [3]]] recursive %}{{ loop.depth }}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{% endif %}{% endfor %}", "{{ loop is defined }}", "{{ loop.index }}",
    "{% for x in l|sort %}{{ x }}{% endfor %}", "{% for x in l[::-1] %}{{ x }}{% endfor %}", "{% for x in range(3) %}{{ x }}{% endfor %}{{ x is defined }}", "{% for x in 1, 2 %}{{ x }}{% endfor %}",
    "{% for x in l %}{{ x }}{{ ', ' if not loop.last }}{% endfor %}", "{% for (a, b) in [(1, 2)] %}{{ a ~ b }}{% endfor %}", "{% for x in l %}{{ l[loop.index0 - 1] }}{% endfor %}", "{% for x in rows|selectattr('w', 'defined') %}{{ loop.length }}{{ x.k }}{% endfor %}",
    "{% set g = rows|map(attribute='k') %}{{ g|join }}{{ g|join }}", "{% for x in l %}{{ loop }}{% endfor %}", "{% for x in l %}{{ loop.nope }}{% endfor %}", "{% for loop in l %}{% endfor %}", "{% for x in l if loop.first %}{{ x }}{% endfor %}",
    # conditions
    "{% if n %}a{% elif i %}b{% else %}c{% endif %}", "{% if not n and i %}a{% endif %}", "{% if l %}a{% endif %}{% if [] %}b{% endif %}", "{% if missing %}a{% else %}b{% endif %}", "{% if 0.0 %}a{% else %}b{% endif %}", "{% if f %}{{ s|nope }}{% endif %}ok",
    "{% if {} %}a{% elif () %}b{% elif '' %}c{% elif ' ' %}d{% endif %}",
    # set and scope
    "{% set x = 1 %}{{ x }}", "{% set x, y = 1, 2 %}{{ x }}{{ y }}", "{% set x = 1, 2 %}{{ x }}", "{% set x %}a{{ i }}b{% endset %}{{ x }}{{ x|length }}", "{% set x | upper %}a{{ s }}{% endset %}{{ x }}", "{% set x = 1 %}{% for y in l %}{% set x = 2 %}{% endfor %}{{ x }}",
    "{% set x = 1 %}{% if t %}{% set x = 2 %}{% endif %}{{ x }}", "{% set ns = namespace(x=0) %}{% for y in l %}{% set ns.x = ns.x + y %}{% endfor %}{{ ns.x }}", "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}", "{% set m.a = 1 %}", "{% set missing.a = 1 %}",
    "{% set x = 1 %}{% for y in l %}{{ x }}{% set x = y %}{{ x }};{% endfor %}{{ x }}", "{% set s = s|upper %}{{ s }}", "{% set x = 1 %}{% set x = x + 1 %}{{ x }}", "{% for y in l %}{% set z = y %}{% endfor %}{{ z is defined }}", "{% set l = l + [4] %}{{ l }}", "{% set true = 1 %}",
    "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a is defined }}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}", "{% set ns = namespace() %}{% set ns.l = [] %}{% set ns.l = ns.l + [1] %}{{ ns.l }}",
    "{% for x in l %}{{ z }}{% set z = x %}{% endfor %}", "{% if t %}{% set a %}x{% endset %}{% endif %}{{ a }}", "{% set a = b = 1 %}", "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter replace('l', 'L') | trim %} {{ s }} {% endfilter %}",
    # macros
    "{% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(b=1, a=0) }}", "{% macro f(a) %}[{{ a }}]{% endmacro %}{{ f() }}", "{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}", "{% macro f(a) %}{% endmacro %}{{ f(z=2) }}",
    "{% macro f() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, x=3) }}", "{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}", "{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}in{{ s }}{% endcall %}",
    "{% macro f() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b) f() %}{{ a + b }}{% endcall %}", "{% macro f() %}{{ x }}{% endmacro %}{% set x = 5 %}{{ f() }}", "{% set x = 1 %}{% macro f() %}{{ x }}{% set x = 2 %}{% endmacro %}{{ f() }}{{ x }}", "{{ f() }}{% macro f() %}a{% endmacro %}",
    "{% macro f(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}", "{% macro f() %} a {% endmacro %}{{ f()|trim }}{{ f() ~ 'b' }}{{ f()|length }}", "{% for x in l %}{% macro f() %}{{ x }}{% endmacro %}{{ f() }}{% endfor %}", "{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}",
    "{% macro f(a, a) %}{% endmacro %}", "{% macro f(a=1, b) %}{{ a }}{{ b }}{% endmacro %}{{ f(1, 2) }}", "{% macro f() %}{% endmacro %}{{ f.name }}", "{% macro f(x) %}{% for y in x %}{{ y }}{% endfor %}{% endmacro %}{{ f(l) }}", "{% macro f(*a) %}{% endmacro %}", "{% macro f(a) %}{{ a }}{% endmacro %}{{ f(*[1]) }}{{ f(**{'a': 2}) }}",
    "{% for x in l %}{{ g(x) }}{% endfor %}{% macro g(x) %}{% endmacro %}", "{% macro f() %}{{ loop.index }}{% endmacro %}{% for x in l %}{{ f() }}{% endfor %}", "{% if t %}{% macro f() %}a{% endmacro %}{% endif %}{{ f() }}",
    # whitespace
    "a\n  {% if t %}\n  b\n  {% endif %}\nc", "a {%- if t -%} b {%- endif -%} c", "a\n{{- i -}}\nb", "  {%+ if t %}x{% endif %}", "{% if t +%}\nx{% endif %}", "x {% if t %} y {% endif %} z", "\n{% if t %}\n\nx\n{% endif %}\n\n", "a\n", "a\n\n", "{{ i }}\n", "\n", "", "a  {# note #}  b",
    "a\n  {# note #}\nb", "a {#- note -#} b", "{# open", "{#- a\nb -#}\n x", "{% raw %}{{ x }}{% endraw %}", "  {%- raw -%}  {% x %}  {%- endraw -%}  b", "a\n  {% raw %}\nx\n  {% endraw %}\nb", "\r\na\r\n{% if t %}\r\nb{% endif %}\r", "{%if t%}x{%endif%}", "{{i}}{{-i-}} {{ i }}", "a{{ '\n' }}b",
    "{{ 'a' }}  {% if t %}b{% endif %}", "\t{% set x = 1 %}\n\tb", "{% set x = 1 %}  {% set y = 2 %}\nz", "{% if t %}\n  {% if t %}\n    deep\n  {% endif %}\n{% endif %}\nend", "\u00a0{% if t %}a{% endif %}\u00a0", "  {{ i }}", "} }} %} #}", "{ {a} {", "{{ '}}' }}{{ \"%}\" }}", "{{ {'a': {'b': 1}}['a']['b'] }}", "{{ {'a': {}}}}",
    "{% for x in l -%}\n  {{ x }}\n{%- endfor %}", "{{ '{{' }}{{ '{%' }}", "{%\nif\nt\n%}a{%\nendif\n%}", "line\n    {%- if t %}\n  x\n    {%- endif %}\nend", "{# a #}\n{# b #}\nc", "{% generation %}\nx{% endgeneration %}\ny", "{% generation %}{% set q = 1 %}{{ i }}{% endgeneration %}{{ q is defined }}", "{% for x in l %}{% generation %}{{ x }}{{ loop.index }}{% endgeneration %}{% endfor %}",
    # refused
    "{% nope %}", "{% if t %}", "{% endif %}", "{% for x in %}{% endfor %}", "{% if %}{% endif %}", "{% for x in l %}{% endif %}", "{% include 'x' %}", "{% extends 'x' %}", "{% import 'x' as y %}", "{% from 'x' import y %}", "{% do l.append(1) %}", "{% set %}", "{% set x %}", "{{ i", "{% if t", "{% raw %}a",
    "{{ raise_exception('a' ~ s) }}", "{% else %}", "{% break %}", "{% macro %}{% endmacro %}", "{% set 1 = 2 %}", "{% call 1 %}{% endcall %}", "{% if t %}a{% else %}b{% else %}c{% endif %}", "{% endfor %}", "{% if t %}{% break %}{% endif %}", "{%", "{% %}", "{{ }}", "{% trans %}a{% endtrans %}", "{% debug %}", "{% autoescape true %}a{% endautoescape %}",
]  # fmt: skip
