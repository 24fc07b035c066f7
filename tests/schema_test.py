#!/usr/bin/env python3
"""Holds the project's JSON against its schemas in docs/, with a validator that is not ours.

  schema_test.py                    the schemas, all manifests, and broken manifests (to refuse)
  schema_test.py REPORT.json ...    reports: one, or an array of them; "-" is standard input
  schema_test.py --list LIST.json   the output of `kata list --json`

Exit status 0: all good; 1: something is not; 77: python3-jsonschema is not installed.
"""

import argparse
import copy
import json
import math
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("schema_test.py: python3-jsonschema is not installed", file=sys.stderr)
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Every kind of value that a manifest may hold; broken below in every way.
WHOLE = {
    "title": "Adam, one step", "title_zh": "Adam 单步更新", "order": 20, "level": 2, "minutes": 20,
    "paths": {"two_weeks": 3}, "points": {"correctness": 8, "speed": 2},
    "source": {"section": "Optimisers", "questions": ["adam"], "errata": [41]},
    "functions": ["adam_step"], "given": ["layers/linear"], "prerequisites": ["optimizers/sgd"],
    "forbidden": ["Eigen/SVD"], "free_groups": ["contract"],
    "hints": [{"en": "Count the steps.", "zh": "数一数步数。"}],
    "limits": {"seconds": 5, "megabytes": 512},
    "speed": {"cases": [{"n": 1000000}], "full_marks": "alternative_eigen"},
}


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def load(text):
    """Strict: no NaN, no key twice (the last one would win silently)."""
    def once(pairs):
        keys = [key for key, _ in pairs]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"keys that stand there twice: {sorted(twice)}")
        return dict(pairs)
    return json.loads(text, parse_constant=refuse_constant, object_pairs_hook=once)


def validator(name, part=None):
    schema = load((ROOT / "docs" / f"{name}.schema.json").read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    if part:
        schema = dict(schema["$defs"][part])
    return kind(schema)


def problems(checker, value):
    return [f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
            for error in checker.iter_errors(value)]


def places(value, path=()):
    """Every path in a JSON value, the root's first."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) \
        if isinstance(value, list) else ()
    for key, child in items:
        yield from places(child, path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def broken(whole):
    """(what was done, a manifest that must be refused)."""
    for path in places(whole):
        here = at(whole, path)
        if isinstance(here, dict) and path not in (("paths",), ("speed", "cases", 0)):
            worse = copy.deepcopy(whole)
            at(worse, path)["zeal"] = 1
            yield f"an unknown key in /{'/'.join(map(str, path))}", worse
        if not path:
            continue
        optional = path in (("forbidden",), ("free_groups",)) or path[:-1] == ("paths",)
        if isinstance(at(whole, path[:-1]), dict) and not optional:
            worse = copy.deepcopy(whole)
            del at(worse, path[:-1])[path[-1]]
            yield f"without /{'/'.join(map(str, path))}", worse
        for junk in (None, True, -7, 0.001, "", "\x1b[0m", [[]], {"x": {}}):
            if type(junk) is type(here) and isinstance(junk, (list, dict)):
                continue
            worse = copy.deepcopy(whole)
            at(worse, path[:-1])[path[-1]] = junk
            if junk == 0.001 and path[0] in ("points", "speed") and isinstance(here, (int, float)):
                continue  # a number there may be as small as that
            yield f"/{'/'.join(map(str, path))} = {junk!r}", worse


def check_manifests():
    found = []
    checker, topics = validator("exercise"), validator("exercise", "topic")
    files = sorted((ROOT / "exercises").glob("*/*/exercise.json"))
    for file in files + sorted((ROOT / "exercises").glob("*/topic.json")):
        kind = topics if file.name == "topic.json" else checker
        try:
            found += [f"{file.relative_to(ROOT)} {p}"
                      for p in problems(kind, load(file.read_text(encoding="utf-8")))]
        except ValueError as error:
            found.append(f"{file.relative_to(ROOT)}: {error}")
    found += [f"the test's own manifest {p}" for p in problems(checker, WHOLE)]
    tried = 0
    for what, manifest in broken(WHOLE):
        tried += 1
        if not problems(checker, manifest):
            found.append(f"exercise.schema.json accepts a manifest with {what}")
    print(f"{len(files)} manifests, {tried} broken ones")
    return found


def check_sums(report):
    """What a schema cannot say: the summary is the sum of the exercises."""
    counted = {"passed": 0, "not_passed": 0, "not_attempted": 0, "grader_faults": 0}
    names = {"passed": "passed", "not_attempted": "not_attempted", "grader_fault": "grader_faults"}
    for exercise in report["exercises"]:
        counted[names.get(exercise["status"], "not_passed")] += 1
        if exercise["points"] > exercise["max_points"]:
            yield f"{exercise['id']}: more points than there are"
        if exercise["status"] == "passed" and not any(
                test["visibility"] == "hidden" for test in exercise["tests"]):
            yield f"{exercise['id']}: passed without a hidden test"
        if exercise["status"] == "passed" and any(
                test["status"] != "passed" for test in exercise["tests"]):
            yield f"{exercise['id']}: passed with a test that did not"
    for key, count in counted.items():
        if report["summary"][key] != count:
            yield f"/summary/{key}: {report['summary'][key]}, but {count} exercises are"
    for key in ("points", "max_points"):
        total = sum(exercise[key] for exercise in report["exercises"])
        if not math.isclose(report["summary"][key], total, abs_tol=1e-9):
            yield f"/summary/{key}: {report['summary'][key]}, but the exercises have {total}"
    ids = [exercise["id"] for exercise in report["exercises"]]
    if len(set(ids)) != len(ids):
        yield "/exercises: an id stands there twice"


def read(path):
    return sys.stdin.buffer.read() if path == "-" else pathlib.Path(path).read_bytes()


def check_file(name, path):
    try:
        value = load(read(path).decode("utf-8"))
    except (OSError, ValueError) as error:
        return [f"{path}: {error}"]
    checker = validator(name)
    found = []
    several = name == "report" and isinstance(value, list)
    for item in value if several else [value]:
        here = problems(checker, item)
        if not here and name == "report":
            here = list(check_sums(item))
        found += [f"{path} {p}" for p in here]
    if not value:
        found.append(f"{path}: is empty")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("reports", nargs="*", metavar="REPORT.json")
    parser.add_argument("--list", metavar="LIST.json", dest="listing")
    options = parser.parse_args()
    found = []
    for name in ("exercise", "report", "list"):
        validator(name)
    if not options.reports and not options.listing:
        found += check_manifests()
    for report in options.reports:
        found += check_file("report", report)
    if options.listing:
        found += check_file("list", options.listing)
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
