"""Settings: which source wins, and what a `bt.toml` may say."""

from pathlib import Path

import pytest

from bt_cli.errors import CredentialsError, UsageError
from bt_cli.settings import (
    Settings,
    judge_key,
    load_settings,
    load_terminal,
    proxy_of,
    store_app_url,
    store_key,
    store_kind,
    store_path,
)


def load(folder: Path, environment: dict[str, str] | None = None, **flags: str) -> Settings:
    return load_settings(flags, {"HOME": str(folder / "home"), **(environment or {})}, folder)


def write(folder: Path, text: str) -> Path:
    path = folder / "bt.toml"
    path.write_text(text)
    return path


def test_flag_wins_over_the_environment(tmp_path: Path) -> None:
    """A flag outranks BT_PROJECT."""
    assert load(tmp_path, {"BT_PROJECT": "b"}, project="a").project == "a"


def test_bt_variable_wins_over_braintrust(tmp_path: Path) -> None:
    """BT_PROJECT outranks BRAINTRUST_DEFAULT_PROJECT."""
    assert load(tmp_path, {"BT_PROJECT": "a", "BRAINTRUST_DEFAULT_PROJECT": "b"}).project == "a"


def test_braintrust_project_wins_over_the_file(tmp_path: Path) -> None:
    """BRAINTRUST_DEFAULT_PROJECT counts for every store, before a file."""
    write(tmp_path, 'project = "file"')
    assert load(tmp_path, {"BRAINTRUST_DEFAULT_PROJECT": "b"}).project == "b"


def test_nearest_file_is_found_in_a_parent(tmp_path: Path) -> None:
    """A bt.toml of a parent folder applies."""
    write(tmp_path, 'project = "file"')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load(inner).project == "file"


def test_nearest_file_wins_over_the_users(tmp_path: Path) -> None:
    """The project's file outranks the one of $XDG_CONFIG_HOME."""
    user = tmp_path / "config" / "bt"
    user.mkdir(parents=True)
    write(user, 'project = "user"\nexperiment = "e"')
    write(tmp_path, 'project = "near"')
    settings = load(tmp_path, {"XDG_CONFIG_HOME": str(tmp_path / "config")})
    assert (settings.project, settings.experiment) == ("near", "e")


def test_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    """An empty BT_PROJECT is no project."""
    assert load(tmp_path, {"BT_PROJECT": ""}).project == "default"


def test_default_store_is_in_xdg_data_home(tmp_path: Path) -> None:
    """Without anything said, the store is $XDG_DATA_HOME/bt/spans.db."""
    assert load(tmp_path, {"XDG_DATA_HOME": str(tmp_path)}).store == str(tmp_path / "bt" / "spans.db")


def test_default_store_without_xdg(tmp_path: Path) -> None:
    """Without XDG_DATA_HOME it is ~/.local/share."""
    assert load(tmp_path).store == str(tmp_path / "home/.local/share/bt/spans.db")


def test_relative_store_in_a_file_is_relative_to_the_file(tmp_path: Path) -> None:
    """The same file means the same store from every folder below it."""
    write(tmp_path, 'store = "spans.db"')
    inner = tmp_path / "inner"
    inner.mkdir()
    assert load(inner).store == str(tmp_path / "spans.db")


def test_origin_names_the_source(tmp_path: Path) -> None:
    """Origin tells flag, variable, file and default apart."""
    path = write(tmp_path, 'experiment = "e"')
    origin = load(tmp_path, {"BT_STORE": "x.db"}, project="a").origin
    assert origin == {
        "project": "--project",
        "store": "BT_STORE",
        "experiment": str(path),
        "api_key_env": "default",
        "judge_base_url": "default",
        "judge_cache": "default",
    }


def test_braintrust_address_is_ignored_for_a_local_store(tmp_path: Path) -> None:
    """BRAINTRUST_API_URL means nothing to a SQLite store."""
    assert load(tmp_path, {"BRAINTRUST_API_URL": "https://x"}).api_url is None


def test_braintrust_address_counts_for_a_braintrust_store(tmp_path: Path) -> None:
    """BRAINTRUST_API_URL counts once an https store is named."""
    assert load(tmp_path, {"BRAINTRUST_API_URL": "https://x"}, store="https://y").api_url == "https://x"


def test_key_is_only_seen_as_present(tmp_path: Path) -> None:
    """The key's value is nowhere in the settings."""
    settings = load(tmp_path, {"MY_KEY": "hush", "BT_API_KEY_ENV": "MY_KEY"})
    assert settings.api_key_present and "hush" not in repr(settings)


def test_judge_comes_from_flag_variable_and_file(tmp_path: Path) -> None:
    """A flag outranks BT_JUDGE_MODEL, which outranks bt.toml."""
    write(tmp_path, 'judge_model = "file"\njudge_embedding_model = "vectors"')
    environment = {"BT_JUDGE_MODEL": "variable"}
    models = [load(tmp_path, environment, judge_model="flag"), load(tmp_path, environment), load(tmp_path)]
    assert [one.judge_model for one in models] == ["flag", "variable", "file"]
    assert models[0].judge_embedding_model == "vectors"


def test_place_of_the_judge(tmp_path: Path) -> None:
    """BT_JUDGE_BASE_URL outranks OPENAI_BASE_URL, which outranks bt.toml; the default is OpenAI."""
    both = {"BT_JUDGE_BASE_URL": "http://a", "OPENAI_BASE_URL": "http://b"}
    plain = load(tmp_path, {"OPENAI_BASE_URL": ""}).judge_base_url
    write(tmp_path, 'judge_base_url = "http://file"')
    named = [load(tmp_path, one).judge_base_url for one in (both, {"OPENAI_BASE_URL": "http://b"}, {})]
    assert [*named, plain] == ["http://a", "http://b", "http://file", "https://api.openai.com/v1"]


def test_cache_of_the_judge_in_a_file_is_relative_to_the_file(tmp_path: Path) -> None:
    """The same bt.toml means the same cache from every folder below it."""
    write(tmp_path, 'judge_cache = "judge.db"')
    inner = tmp_path / "inner"
    inner.mkdir()
    assert load(inner).judge_cache == str(tmp_path / "judge.db")


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        ({"BT_JUDGE_API_KEY": "a", "NAMED": "b", "OPENAI_API_KEY": "c"}, "a"),
        ({"NAMED": "b", "OPENAI_API_KEY": "c"}, "b"),
        ({"OPENAI_API_KEY": " c\n"}, "c"),
        ({"BRAINTRUST_API_KEY": "d"}, None),
    ],
)
def test_order_of_the_judges_keys(tmp_path: Path, environment: dict[str, str], key: str | None) -> None:
    """The judge's own variable, then the one that is named, then OpenAI's; none of them is kept in the settings."""
    write(tmp_path, 'judge_api_key_env = "NAMED"')
    settings = load(tmp_path, environment)
    assert judge_key(settings, settings.judge_base_url, environment) == key
    assert settings.judge_key_present == (key is not None)


def test_openai_key_is_for_openai(tmp_path: Path) -> None:
    """OPENAI_API_KEY is not shown to another host, nor counted as present for it."""
    environment = {"OPENAI_API_KEY": "c", "BT_JUDGE_BASE_URL": "https://judge.example/v1"}
    settings = load(tmp_path, environment)
    assert judge_key(settings, settings.judge_base_url, environment) is None
    assert not settings.judge_key_present


@pytest.mark.parametrize("name", ["judge_api_key", "openai_api_key"])
def test_judges_key_in_a_file_is_refused(tmp_path: Path, name: str) -> None:
    """A key of the judge in bt.toml is an error."""
    write(tmp_path, f'{name} = "hush"')
    with pytest.raises(UsageError, match="holds a secret"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("url", "environment", "proxy"),
    [
        ("https://far.example/v1", {"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ("https://far.example/v1", {"https_proxy": "http://q:1", "HTTPS_PROXY": "http://p:1"}, "http://q:1"),
        ("https://far.example/v1", {"HTTP_PROXY": "http://p:1"}, None),
        ("http://far.example/v1", {"ALL_PROXY": "http://p:1"}, "http://p:1"),
        ("https://far.example/v1", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "near.example,.example"}, None),
        ("http://127.0.0.1:9/v1", {"HTTP_PROXY": "http://p:1"}, None),
        ("http://localhost:9/v1", {"ALL_PROXY": "http://p:1"}, None),
        ("http://[", {"HTTP_PROXY": "http://p:1"}, "http://p:1"),
    ],
)
def test_proxy_of_an_address(url: str, environment: dict[str, str], proxy: str | None) -> None:
    """The proxy of the scheme, else of all, unless the host is spared or is this machine."""
    assert proxy_of(url, environment) == proxy


def test_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    """A slip in bt.toml is an error with the right key and the file."""
    path = write(tmp_path, 'projct = "a"')
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert (caught.value.hint, caught.value.file) == ("did you mean project?", str(path))


def test_secret_in_a_file_is_refused_without_printing_it(tmp_path: Path) -> None:
    """api_key in bt.toml is an error that says how to do it."""
    write(tmp_path, 'api_key = "hush"')
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert 'api_key_env = "NAME"' in (caught.value.hint or "") and "hush" not in caught.value.message


@pytest.mark.parametrize("text", ["project = ", "project = 3", "[project]\nname = 'a'"])
def test_file_that_does_not_work_is_a_usage_error(tmp_path: Path, text: str) -> None:
    """Broken TOML and values that are not text are told with the file."""
    path = write(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert caught.value.file == str(path)


@pytest.mark.parametrize(
    ("store", "kind"),
    [
        ("spans.db", "sqlite"),
        ("sqlite:spans.db", "sqlite"),
        (":memory:", "memory"),
        ("sqlite::memory:", "memory"),
        ("https://api.example.com", "braintrust"),
        ("http://127.0.0.1:8000", "braintrust"),
        ("clickhouse://host/db", "clickhouse"),
        ("chdb:///tmp/x", "chdb"),
    ],
)
def test_kind_of_store(store: str, kind: str) -> None:
    """The scheme of --store tells the kind."""
    assert store_kind(store) == kind


def test_path_of_a_remote_store_is_none() -> None:
    """Only SQLite stores have a file."""
    assert store_path("https://api.example.com") is None


def test_no_color_is_read() -> None:
    """NO_COLOR outranks FORCE_COLOR."""
    assert load_terminal({"NO_COLOR": "1", "FORCE_COLOR": "1"}).color is False


SERVED = "http://127.0.0.1:8765"


@pytest.mark.parametrize(
    ("store", "app", "login"),
    [
        ("https://api.braintrust.dev", SERVED, "https://www.braintrust.dev"),
        ("https://traces.example", SERVED, "https://traces.example"),
        ("http://127.0.0.1:9999", SERVED, "http://127.0.0.1:9999"),
        (SERVED, "https://www.braintrust.dev", SERVED),
        ("https://traces.example", "https://www.braintrust.dev", "https://www.braintrust.dev"),
    ],
)
def test_variable_for_an_sdk_leads_no_key_elsewhere(tmp_path: Path, store: str, app: str, login: str) -> None:
    """What is set so that apps log to a local server says nothing of another store, and the other way round."""
    settings = load(tmp_path, {"BT_STORE": store, "BRAINTRUST_APP_URL": app})
    assert store_app_url(settings) == login


def test_app_that_is_named_for_bt_counts(tmp_path: Path) -> None:
    """Whoever sets our own variable means it."""
    settings = load(tmp_path, {"BT_STORE": "http://127.0.0.1:8000", "BT_APP_URL": "http://127.0.0.1:3000/"})
    assert store_app_url(settings) == "http://127.0.0.1:3000"


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines"])
def test_key_that_no_header_can_hold_is_refused(tmp_path: Path, key: str) -> None:
    """Before anybody is asked, and without being shown."""
    environment = {"BT_STORE": "https://traces.example", "BRAINTRUST_API_KEY": key}
    with pytest.raises(CredentialsError) as refused:
        store_key(load(tmp_path, environment), environment)
    assert key not in str(refused.value)
