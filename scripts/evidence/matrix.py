# SPDX-License-Identifier: Apache-2.0
"""The matrix of a campaign: which settings are trained with which recipes and seeds.

    seeds = [1, 2, 3]
    baseline = "fp32"               # gaps are measured against this recipe
    goal_recipe = "best"            # the recipe that goals speak of
    [quick]                         # what QUICK=1 changes: fewer results, seeds, epochs (any of them)
    results = ["mlp-mnist"]
    seeds = [1]
    epochs = 1
    [recipes.best]
    label = "4 bits, best"
    flags = "--engine golden"       # of `cuatro train`; they win over the settings file
    [[results]]
    config = "mlp-mnist"            # sw/configs/mlp-mnist.toml
    recipes = ["fp32", "best"]      # all, when left out
    flags = "--epochs 2"            # optional: of all its runs; those of a recipe win over them
    goal_gap = 0.6                  # optional: points of accuracy, or bits a character, behind the baseline
    goal_value = 98.0               # optional: accuracy in percent at least, or bits a character at most
"""

import dataclasses
import hashlib
import json
import pathlib
import re
import shlex
import tomllib


class MatrixError(Exception):
    """One line for the user."""


@dataclasses.dataclass(frozen=True)
class Run:
    """One training run. `key` changes with everything that changes its result."""
    result: str
    recipe: str
    seed: int
    config: pathlib.Path
    flags: tuple
    key: str

    @property
    def id(self):
        return f"{self.result}.{self.recipe}.seed{self.seed}"

    @property
    def name(self):
        return f"{self.result} {self.recipe} seed {self.seed}"


@dataclasses.dataclass
class Result:
    """A row of the matrix: a settings file, with its goals."""
    name: str
    settings: dict
    recipes: list
    goal_gap: float | None = None
    goal_value: float | None = None
    flags: tuple = ()


@dataclasses.dataclass
class Matrix:
    path: pathlib.Path
    seeds: list
    baseline: str
    goal_recipe: str
    recipes: dict              # name: {"label", "flags"}
    results: list
    runs: list
    problems: list             # a line each: what of the matrix cannot be run
    quick: str                 # what was cut; empty = nothing


def read_toml(path):
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as fault:
        raise MatrixError(f"{path}: cannot be read: {fault.strerror}") from fault
    except tomllib.TOMLDecodeError as fault:
        raise MatrixError(f"{path}: not TOML: {fault}") from fault


def require(path, what, value, good, wanted):
    if not good:
        raise MatrixError(f"{path}: {what} = {value!r}: expected {wanted}")


def is_list_of(kind, value):
    return isinstance(value, list) and bool(value) and all(type(item) is kind for item in value)


def is_number(value):
    return type(value) in (int, float)


def check_keys(path, what, table, known):
    for key in table:
        require(path, what, key, key in known, "one of " + ", ".join(known))


def read_flags(path, what, text):
    require(path, what, text, isinstance(text, str), "\"--option value …\"")
    try:
        flags = tuple(shlex.split(text))
    except ValueError as fault:
        raise MatrixError(f"{path}: {what}: {fault}") from fault
    require(path, what, text, not flags or flags[0].startswith("--"), "\"--option value …\"")
    return flags


def read_recipes(path, table):
    require(path, "recipes", table, isinstance(table, dict) and table, "a table [recipes.NAME] or more")
    recipes = {}
    for name, entry in table.items():
        require(path, "recipes", name, re.fullmatch(r"[\w+-]+", name), "letters, digits, + and -")
        require(path, f"recipes.{name}", entry, isinstance(entry, dict) and isinstance(entry.get("flags"), str), "flags = \"…\"")
        check_keys(path, f"recipes.{name}", entry, ("label", "flags"))
        recipes[name] = {"label": entry.get("label", name), "flags": read_flags(path, f"recipes.{name}.flags", entry["flags"])}
    return recipes


def read_result(path, entry, recipes, configs):
    """A Result; MatrixError if it, or its settings file, is bad."""
    name = entry.get("config")
    require(path, "results.config", name, isinstance(name, str) and re.fullmatch(r"[\w-]+", name), "the name of a file in sw/configs")
    check_keys(path, f"results {name}", entry, ("config", "recipes", "flags", "goal_gap", "goal_value"))
    chosen = entry.get("recipes", list(recipes))
    require(path, f"{name}.recipes", chosen, is_list_of(str, chosen) and set(chosen) <= set(recipes), "some of " + ", ".join(recipes))
    for goal in ("goal_gap", "goal_value"):
        require(path, f"{name}.{goal}", entry.get(goal), goal not in entry or is_number(entry[goal]), "a number")
    settings = read_toml(configs / f"{name}.toml")
    for key in ("model", "data"):
        require(configs / f"{name}.toml", key, settings.get(key), isinstance(settings.get(key), str), "a name")
    return Result(name, settings, chosen, entry.get("goal_gap"), entry.get("goal_value"),
                  read_flags(path, f"{name}.flags", entry.get("flags", "")))


def merged(*lists):
    """One list of options of several, of each option the last."""
    groups = {}
    for flag in [flag for flags in lists for flag in flags]:
        if flag.startswith("--"):
            name = flag
            groups.pop(name, None)
            groups[name] = []
        groups[name].append(flag)
    return tuple(flag for group in groups.values() for flag in group)


def key_of(settings, flags, seed):
    """Of the meaning of a settings file: comments and order do not count."""
    text = json.dumps([settings, flags, seed], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def load(path, configs, quick=False):
    """The matrix with its runs, seed by seed, so that an unfinished campaign has something of everything. A bad result is a line in `problems`, the others stay."""
    path = pathlib.Path(path)
    table = read_toml(path)
    check_keys(path, "matrix", table, ("seeds", "baseline", "goal_recipe", "quick", "recipes", "results"))
    recipes = read_recipes(path, table.get("recipes"))
    seeds = table.get("seeds")
    require(path, "seeds", seeds, is_list_of(int, seeds), "a list of numbers")
    for what in ("baseline", "goal_recipe"):
        require(path, what, table.get(what), table.get(what) in recipes, "one of " + ", ".join(recipes))
    entries = table.get("results")
    require(path, "results", entries, is_list_of(dict, entries), "[[results]] or more")

    cut, extra, label = table.get("quick", {}) if quick else {}, (), ""
    check_keys(path, "quick", cut, ("seeds", "epochs", "results"))
    if quick:
        seeds = cut.get("seeds", seeds)
        require(path, "quick.seeds", seeds, is_list_of(int, seeds), "a list of numbers")
        names = cut.get("results")
        require(path, "quick.results", names, names is None or is_list_of(str, names), "a list of configs")
        if names is not None:
            entries = [entry for entry in entries if entry.get("config") in names]
        parts = [f"{len(entries)} of {len(table['results'])} results", f"{len(seeds)} of {len(table['seeds'])} seeds"]
        if "epochs" in cut:
            require(path, "quick.epochs", cut["epochs"], type(cut["epochs"]) is int and cut["epochs"] > 0, "a number of epochs")
            extra = ("--epochs", str(cut["epochs"]))
            parts.append(f"{cut['epochs']} epoch{'s' if cut['epochs'] > 1 else ''} each")
        label = ", ".join(parts)

    results, problems = [], []
    for entry in entries:
        try:
            result = read_result(path, entry, recipes, configs)
            require(path, "results", result.name, result.name not in [other.name for other in results], "every config once")
            results.append(result)
        except MatrixError as fault:
            problems.append(str(fault))
    runs = [Run(result.name, recipe, seed, configs / f"{result.name}.toml", flags := merged(result.flags, recipes[recipe]["flags"], extra),
                key_of(result.settings, flags, seed))
            for seed in seeds for result in results for recipe in result.recipes]
    return Matrix(path, seeds, table["baseline"], table["goal_recipe"], recipes, results, runs, problems, label)
