"""Rules 1.3, 7.1 and 7.2 for the writer of trees."""

from __future__ import annotations

from bt_cli.spans.row import Row
from bt_cli.writers.tree import write_tree
from builders import convert, row, rows_of, tree, value

TIMED = '{"start":1704916642.5}'


def lines(*rows: Row, with_container: bool = False) -> list[str]:
    """The lines of one trace."""
    return write_tree(rows, with_container).splitlines()


def again(*rows: Row) -> list[Row]:
    """The rows of their trees."""
    return rows_of(write_tree(rows).encode())


def test_children_are_nested_in_order() -> None:
    """Rule 7.1: pre-order by position."""
    (line,) = lines(row("a"), row("b", "a"), row("c", "b"), row("d", "a"))
    assert line == (
        '{"id":"a","span_id":"a","root_span_id":"a","children":[{"id":"b","children":[{"id":"c"}]},{"id":"d"}]}'
    )


def test_name_and_type_stand_where_a_tree_has_them() -> None:
    """The documented form of an input."""
    (line,) = lines(row("a", span_attributes='{"name":"x","type":"llm"}'))
    assert {"name": "x", "type": "llm"}.items() <= value(line).items()


def test_other_attributes_are_written_whole() -> None:
    """Nothing of them is lost."""
    (line,) = lines(row("a", span_attributes='{"type":"llm","name":"x"}'))
    assert '"span_attributes":{"type":"llm","name":"x"}' in line


def test_a_second_name_does_not_hide_the_first() -> None:
    """An unknown key "name" beside the attributes' own: neither is lost."""
    rows = convert({"name": "outer", "span_attributes": {"name": "inner"}, "children": []}).rows
    assert again(*rows) == rows


def test_unknown_keys_that_mention_a_name_elsewhere() -> None:
    """Only one of the node itself counts."""
    (line,) = lines(row("a", span_attributes='{"name":"x"}', extra='{"k":{"name":1}}'))
    assert '"name":"x"' in line


def test_an_orphan_is_a_line_of_its_own() -> None:
    """Rule 1.3: a fragment keeps its parents and its trace."""
    (_, line) = lines(row("a"), row("b", "gone", "a"))
    assert line == '{"id":"b","span_id":"b","root_span_id":"a","span_parents":["gone","a"],"children":[]}'


def test_a_trace_without_root_span_id() -> None:
    """It stays open."""
    (line,) = lines(row("b", "gone", trace=None))
    assert "root_span_id" not in value(line)


def test_further_parents_are_written() -> None:
    """Rule 1.3: the enclosing node first."""
    (line,) = lines(row("a"), row("b", "a", "x"))
    assert value(line)["children"][0]["span_parents"] == ["a", "x"]


def test_a_span_id_of_its_own_is_written() -> None:
    """Where it differs from the id."""
    child = row("b", "a")
    child.id = "row-b"
    (line,) = lines(row("a"), child)
    assert value(line)["children"] == [{"id": "row-b", "span_id": "b"}]


def test_rows_that_came_as_rows_say_so() -> None:
    """Else reading the tree would fill in what they lack."""
    (line,) = lines(row("a"), row("b", "a", metrics=TIMED))
    assert value(line)["_bt_as_stored"] is True


def test_rows_that_lack_nothing_do_not_say_so() -> None:
    """Trees that came as trees are plain again."""
    (line,) = lines(*convert({"children": [{"metrics": {"start": 1704916642.5, "prompt_tokens": 1}}]}).rows)
    assert "_bt_as_stored" not in line


def test_each_thing_that_would_be_filled_in() -> None:
    """Times, a total, a type, or created of a parent."""
    typed = '{"type":"llm"}'
    for rows in (
        [row("a", metrics=TIMED)],
        [row("a", created="2024-01-01"), row("b", "a")],
        [row("a", created="x", metrics='{"tokens":1}')],
        [row("a", created="x", metrics='{"tokens":1}', span_attributes="null")],
        [row("a", created="x", metrics='{"prompt_tokens":1}', span_attributes=typed)],
        [row("a", metrics="null"), row("b", "a", metrics='{"end":7}')],
    ):
        assert '"_bt_as_stored":true' in lines(*rows)[0]


def test_what_would_not_be_filled_in() -> None:
    """A null type is a type, a relative clock no date, an aggregate no model call."""
    for rows in (
        [row("a", metrics='{"start":5}')],
        [row("a", metrics='{"tokens":1}', span_attributes='{"type":null}')],
        [row("a", metrics='{"tokens":1}'), row("b", "a")],
        [row("a", metrics='"odd"')],
    ):
        assert "_bt_as_stored" not in lines(*rows)[0]


def test_container_fields_are_left_out() -> None:
    """Rule 7.2: unless asked for."""
    given = row("a", server='{"project_id":"p"}')
    assert ["project_id" in lines(given, with_container=yes)[0] for yes in (False, True)] == [False, True]


def test_empty_input_of_a_tree_has_no_line() -> None:
    """No rows, no text."""
    assert lines() == []


def test_a_trace_deeper_than_a_record_may_be_comes_back() -> None:
    """Rule 4.6: it is written as records that can be read."""
    rows = [row("0", trace="0"), *(row(f"{i}", f"{i - 1}", trace="0") for i in range(1, 600))]
    assert again(*rows) == rows


def test_a_tree_comes_back() -> None:
    """Rule 7.1: the same rows in the same order."""
    rows = convert(tree("root(a(a1),b,c(c1,c2))")).rows
    assert again(*rows) == rows


def test_the_same_rows_give_the_same_bytes() -> None:
    """Rule 7.1: writing changes nothing in them."""
    rows = [row("x", "y"), row("y", "x"), row("z", "y", metrics=TIMED)]
    assert write_tree(rows) == write_tree(rows)
