"""Projects, experiments and datasets over the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from httpx import Client

from bt_cli.server.service import ServerOptions
from bt_cli.spans.container import Container
from bt_cli.stores.sqlite.serving import ServingSqliteStore
from in_process import client_of
from running import Result

Json = dict[str, Any]


def made(client: Client, kind: str, **body: Any) -> Json:
    answer = client.post(f"/v1/{kind}", json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def test_project_is_made_once(client: Client) -> None:
    """A project of a name is made, and found the second time, which a header says."""
    first = client.post("/v1/project", json={"name": "p", "org_name": "bt"})
    again = client.post("/v1/project", json={"name": "p"})
    assert first.json() == again.json()
    assert "x-bt-found-existing" not in first.headers
    assert again.headers["x-bt-found-existing"] == "true"


def test_project_has_all_keys(client: Client) -> None:
    """A project has the members of Braintrust's, its organisation that of the login."""
    org = client.post("/api/apikey/login").json()["org_info"][0]
    project = made(client, "project", name="p", description="d")
    assert set(project) == {"id", "org_id", "name", "description", "created", "deleted_at", "user_id", "settings"}
    assert (project["org_id"], project["description"], project["deleted_at"]) == (org["id"], "d", None)


@pytest.mark.parametrize("kind", ["project", "experiment", "dataset"])
def test_times_of_objects_are_those_of_braintrust(client: Client, kind: str) -> None:
    """UTC to the millisecond, and said so by a Z, as every answer in the recorded traffic has them."""
    created = made(client, kind, name="o", **({} if kind == "project" else {"project_name": "p"}))["created"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", created)


@pytest.mark.parametrize("parameter", ["name", "project_name"])
def test_projects_are_found_by_name(client: Client, parameter: str) -> None:
    """Both parameters that clients use filter; a name that is not there has no objects."""
    ids = {name: made(client, "project", name=name)["id"] for name in ("one", "two")}
    found = client.get("/v1/project", params={"org_name": "bt", parameter: "two"}).json()["objects"]
    assert [one["id"] for one in found] == [ids["two"]]
    assert client.get("/v1/project", params={parameter: "three"}).json() == {"objects": []}


def test_lists_go_by_pages(client: Client) -> None:
    """starting_after and limit walk a list forwards, ending_before backwards, ids picks."""
    ids = [made(client, "project", name=name)["id"] for name in "abcd"]

    def listed(**parameters: Any) -> list[str]:
        return [ids.index(one["id"]) for one in client.get("/v1/project", params=parameters).json()["objects"]]

    assert listed(limit=2) == [0, 1]
    assert listed(limit=2, starting_after=ids[1]) == [2, 3]
    assert listed(limit=2, ending_before=ids[3]) == [1, 2]
    assert listed(ids=[ids[0], ids[2]]) == [0, 2]
    assert listed(limit=0) == []
    assert client.get("/v1/project", params={"limit": "x"}).status_code == 400
    assert client.get("/v1/project", params={"starting_after": "x"}).status_code == 400


def test_project_by_id(client: Client) -> None:
    """A project is found by id in the path and, for older SDKs, as a parameter; another id is 404 and 400."""
    project = made(client, "project", name="p")
    assert client.get(f"/v1/project/{project['id']}").json() == project
    assert client.get("/api/project", params={"id": project["id"]}).json() == project
    assert client.get("/v1/project/nope").status_code == 404
    assert client.get("/api/project", params={"id": "nope"}).status_code == 400


def test_registers_make_project_and_object(client: Client) -> None:
    """Older SDKs name the project; it is made with the experiment or the dataset."""
    registered = client.post("/api/project/register", json={"project_name": "p", "org_id": "x"}).json()
    assert registered["found_existing"] is False
    experiment = client.post(
        "/api/experiment/register",
        json={"project_name": "q", "project_id": None, "update": None, "experiment_name": "e", "ancestor_commits": []},
    ).json()
    assert (experiment["project"]["name"], experiment["experiment"]["name"]) == ("q", "e")
    dataset = client.post("/api/dataset/register", json={"project_name": "r", "dataset_name": "d"}).json()
    assert (dataset["project"]["name"], dataset["dataset"]["name"]) == ("r", "d")
    assert [one["name"] for one in client.get("/v1/project").json()["objects"]] == ["p", "q", "r"]


def test_new_experiment_gets_another_name(client: Client) -> None:
    """With ensure_new a taken name gets eight hex digits; without it the experiment is found."""
    project = made(client, "project", name="p")["id"]
    first = made(client, "experiment", project_id=project, name="e", ensure_new=True)
    second = made(client, "experiment", project_id=project, name="e", ensure_new=True)
    assert first["name"] == "e"
    assert re.fullmatch("e-[0-9a-f]{8}", second["name"])
    assert made(client, "experiment", project_id=project, name="e") == first
    updated = {"project_id": project, "experiment_name": "e", "update": True}
    assert client.post("/api/experiment/register", json=updated).json()["experiment"] == first


def test_experiment_without_a_name(client: Client) -> None:
    """A name is invented, another each time."""
    project = made(client, "project", name="p")["id"]
    names = {made(client, "experiment", project_id=project, name=None)["name"] for _ in range(2)}
    assert len(names) == 2


def test_experiment_keeps_what_was_said(client: Client) -> None:
    """What an SDK says of an experiment comes back, the commit out of repo_info."""
    project = made(client, "project", name="p")["id"]
    base = made(client, "experiment", project_id=project, name="base")["id"]
    said = {
        "description": "d",
        "metadata": {"k": "v"},
        "tags": ["a"],
        "repo_info": {"commit": "abc", "branch": "main"},
        "base_exp_id": base,
        "dataset_id": "some",
        "dataset_version": "1",
        "public": False,
    }
    experiment = made(client, "experiment", project_id=project, name="exp two/±", ensure_new=True, **said)
    assert said.items() <= experiment.items()
    assert (experiment["commit"], experiment["project_id"], experiment["name"]) == ("abc", project, "exp two/±")
    assert client.get(f"/v1/experiment/{experiment['id']}").json() == experiment


def test_base_experiment_by_name(client: Client) -> None:
    """base_experiment names one of the project; clients go on without one where 400 says base experiment."""
    first = client.post("/api/experiment/register", json={"project_name": "p", "experiment_name": "a"}).json()
    second = {"project_name": "p", "experiment_name": "b", "base_experiment": "a"}
    made = client.post("/api/experiment/register", json=second).json()["experiment"]
    assert made["base_exp_id"] == first["experiment"]["id"]
    refused = client.post("/api/experiment/register", json={**second, "base_experiment": "nope"})
    assert refused.status_code == 400 and "base experiment" in refused.json()["Message"]


def test_experiments_are_found(client: Client) -> None:
    """By project id or name, with or without the experiment's name; and as a list for older SDKs."""
    ids = {}
    for project in ("p", "q"):
        ids[project] = made(client, "project", name=project)["id"]
        for name in ("a", "b"):
            made(client, "experiment", project_id=ids[project], name=name)

    def found(**parameters: str) -> list[tuple[str, str]]:
        objects = client.get("/v1/experiment", params={"org_name": "bt", **parameters}).json()["objects"]
        return [(one["project_id"], one["name"]) for one in objects]

    assert found(project_id=ids["p"]) == [(ids["p"], "a"), (ids["p"], "b")]
    assert found(project_name="q", experiment_name="b") == [(ids["q"], "b")]
    assert len(found()) == 4
    body = {"project_id": None, "project_name": "q", "org_name": "bt", "experiment_name": "a"}
    assert [one["project_id"] for one in client.post("/api/experiment/get", json=body).json()] == [ids["q"]]
    assert client.post("/api/experiment/get", json={**body, "experiment_name": "c"}).json() == []


def test_base_experiment_is_the_one_before(client: Client) -> None:
    """Without a base it is the newest experiment of the project made before; the first has none, which is 400."""
    project = made(client, "project", name="p")["id"]
    ids = []
    for name in ("a", "b", "c"):
        ids.append(made(client, "experiment", project_id=project, name=name)["id"])
    answer = client.post("/api/base_experiment/get_id", json={"id": ids[2]})
    assert answer.json() == {
        "id": ids[2],
        "project_id": project,
        "name": "c",
        "base_exp_id": ids[1],
        "base_exp_name": "b",
    }
    assert client.post("/api/base_experiment/get_id", json={"id": ids[0]}).status_code == 400


def test_patch_changes_what_is_said(client: Client) -> None:
    """PATCH merges objects and replaces the rest; a new name is refused, since ids are made of names."""
    project = made(client, "project", name="p")["id"]
    experiment = made(client, "experiment", project_id=project, name="e", metadata={"a": 1, "b": 2}, description="x")
    path = f"/v1/experiment/{experiment['id']}"
    changed = client.patch(path, json={"metadata": {"b": 3}, "description": None, "name": "e"}).json()
    assert (changed["metadata"], changed["description"]) == ({"a": 1, "b": 3}, None)
    assert client.patch(path, json={"name": "f"}).status_code == 501
    assert client.patch(f"/v1/project/{project}", json={"description": "new"}).json()["description"] == "new"
    dataset = made(client, "dataset", project_id=project, name="d")["id"]
    assert client.patch(f"/v1/dataset/{dataset}", json={"description": "new"}).json()["description"] == "new"


def test_deleting_a_project_deletes_all_in_it(client: Client) -> None:
    """A deleted project is told with the time of it, and is gone with its experiments and datasets."""
    project = made(client, "project", name="p")["id"]
    experiment = made(client, "experiment", project_id=project, name="e")["id"]
    dataset = made(client, "dataset", project_id=project, name="d")["id"]
    kept = made(client, "project", name="q")["id"]
    assert client.delete(f"/v1/experiment/{experiment}").json()["deleted_at"]
    assert client.delete(f"/v1/dataset/{dataset}").json()["deleted_at"]
    made(client, "experiment", project_id=project, name="e")
    assert client.delete(f"/v1/project/{project}").json()["deleted_at"]
    assert client.get(f"/v1/project/{project}").status_code == 404
    assert client.get("/v1/experiment").json() == {"objects": []}
    assert [one["id"] for one in client.get("/v1/project").json()["objects"]] == [kept]


def test_dataset_without_a_name(client: Client) -> None:
    """A dataset without a name is called logs, as the SDKs have it."""
    project = made(client, "project", name="p")["id"]
    dataset = made(client, "dataset", project_id=project, description="d", metadata={"a": 1})
    assert (dataset["name"], dataset["project_id"], dataset["metadata"]) == ("logs", project, {"a": 1})
    assert client.get("/v1/dataset", params={"project_id": project}).json() == {"objects": [dataset]}
    assert client.get(f"/v1/dataset/{dataset['id']}").json() == dataset


def test_object_info(client: Client) -> None:
    """The SDK for JavaScript asks for the project of a dataset by its id."""
    project = made(client, "project", name="p")["id"]
    dataset = made(client, "dataset", project_id=project, name="d")["id"]
    found = client.post("/api/self/get_object_info", json={"object_type": "dataset", "object_ids": [dataset, "x"]})
    assert found.json() == [
        {"object_id": dataset, "object_name": "d", "parent_cols": {"project": {"id": project, "name": "p"}}}
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/project", {}),
        ("/v1/project", {"name": ""}),
        ("/v1/project", {"name": 7}),
        ("/v1/experiment", {"name": "e"}),
        ("/v1/experiment", {"name": "e", "project_id": "nope"}),
        ("/v1/dataset", {"name": "d", "project_id": 7}),
    ],
)
def test_wrong_bodies_are_refused(client: Client, path: str, body: Json) -> None:
    """What lacks a name or names no project is 400, in Braintrust's shape."""
    answer = client.post(path, json=body)
    assert answer.status_code == 400
    told = answer.json()
    assert set(told) == {"Code", "Message", "InternalTraceId", "Path", "Service"}
    assert (told["Code"], told["Path"], told["Service"]) == ("BadRequestError", path, "api")


def test_lists_of_the_command_line(client: Client, store_file: Path, bt_here: Callable[..., Result]) -> None:
    """bt projects and experiments show what was made over the API, also with nothing in it; datasets are a count."""
    project = made(client, "project", name="p")["id"]
    made(client, "experiment", project_id=project, name="e")
    made(client, "dataset", project_id=project, name="d")
    store = ("--store", store_file, "--json")
    (listed,) = bt_here("projects", "list", *store).check().json["items"]
    assert (listed["project"], listed["experiments"], listed["traces"]) == ("p", 1, 0)
    (experiment,) = bt_here("experiments", "list", *store).check().json["items"]
    assert (experiment["experiment"], experiment["spans"]) == ("e", 0)
    viewed = bt_here("projects", "view", "p", *store).check().json
    assert viewed["datasets"] == 1
    assert [one["ref"] for one in viewed["containers"]] == ["project_logs:p", "experiment:e", "dataset:d"]
    bt_here("projects", "delete", "p", "--yes", *store).check()
    assert client.get("/v1/project").json() == {"objects": []}


ODD = [
    ("project", {"description": 5}),
    ("project", {"settings": "dark"}),
    ("experiment", {"repo_info": "abc"}),
    ("experiment", {"repo_info": [1]}),
    ("experiment", {"tags": [1]}),
    ("experiment", {"metadata": []}),
    ("experiment", {"public": "yes"}),
    ("experiment", {"base_experiment": []}),
    ("experiment", {"base_exp_id": {}}),
    ("dataset", {"description": {}}),
]


@pytest.mark.parametrize(("kind", "about"), ODD)
def test_object_of_a_shape_that_clients_cannot_read_is_refused(client: Client, kind: str, about: Json) -> None:
    """It would break every list that it is in; nothing is made."""
    project = made(client, "project", name="p")["id"]
    answer = client.post(f"/v1/{kind}", json={"name": "odd", "project_id": project, **about})
    assert answer.status_code == 400 and next(iter(about)) in answer.json()["Message"]
    listed = client.get(f"/v1/{kind}").json()["objects"]
    assert "odd" not in [one["name"] for one in listed]


def test_change_to_an_odd_shape_is_refused(client: Client) -> None:
    """And the object stays as it was."""
    project = made(client, "project", name="p", description="d")
    answer = client.patch(f"/v1/project/{project['id']}", json={"description": ["x"]})
    assert answer.status_code == 400
    assert client.get(f"/v1/project/{project['id']}").json() == project


def test_odd_shapes_of_older_stores_are_not_shown(tmp_path: Path) -> None:
    """Lists that hold such an object can be read again."""
    store = ServingSqliteStore(str(tmp_path / "t.db"))
    store.open_object(Container("p", "e"), {"repo_info": "abc", "tags": "t", "description": 5})
    store.close()
    with client_of(tmp_path / "t.db") as client:
        (found,) = client.get("/v1/experiment").json()["objects"]
    assert (found["repo_info"], found["tags"], found["description"], found["commit"]) == ({}, None, None, None)


def test_names_of_no_list_are_no_names(client: Client) -> None:
    """What is no list of ids finds nothing."""
    answer = client.post("/api/self/get_object_info", json={"object_type": "dataset", "object_ids": 5})
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize("path", ["/v1/project?limit={}", "/v1/project_logs/{id}/fetch?limit={}"])
def test_limit_of_any_number_of_digits_is_a_number(client: Client, path: str) -> None:
    """Beyond all that there is, it is the same as none."""
    project = made(client, "project", name="p")["id"]
    assert client.get(path.format("9" * 5000, id=project)).status_code == 200


def test_pages_of_links_name_the_store(tmp_path: Path) -> None:
    """Else the command would look into the default one."""
    with client_of(tmp_path / "t.db", ServerOptions(store="my traces.db")) as client:
        assert "bt view logs -p support --store 'my traces.db'\n" in client.get("/app/bt/p/support/logs").text
