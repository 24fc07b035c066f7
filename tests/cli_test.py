#!/usr/bin/env python3
"""End to end, with the program itself.

    tests/cli_test.py KATA BUILD SOURCE --part PART

KATA is the program, BUILD the folder with its examiners, SOURCE the checkout. Each part works in a folder
of its own and ends with `N passed, N failed`.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)

EXPECTED = {
    "allocates_without_end": {"batchnorm/backward": "out_of_memory"},
    "does_not_compile": {"optimizers/adam": "compile_error"},
    "epsilon_inside_the_root": {"optimizers/adam": "wrong_answer"},
    "never_ends": {"layers/conv2d": "timed_out"},
    "right_answers": {"optimizers/adam": "passed", "batchnorm/backward": "passed",
                      "layers/conv2d": "passed", "second_order/lbfgs": "passed"},
    "starts_a_thread": {"optimizers/adam": "forbidden_call"},
    "untouched_stubs": {"optimizers/adam": "not_attempted", "batchnorm/backward": "not_attempted",
                        "layers/conv2d": "not_attempted", "second_order/lbfgs": "not_attempted"},
    "writes_out_of_bounds": {"optimizers/adam": "crashed"},
    "wrong_batchnorm_formula": {"batchnorm/backward": "wrong_answer"},
}


class Suite:
    def __init__(self, kata, build, source, folder):
        self.kata, self.build, self.source, self.folder = kata, build, source, folder
        self.work = folder / "work"

    def environment(self, **more):
        return dict(os.environ, KATA_ROOT=str(self.source), KATA_BUILD=str(self.build),
                    KATA_WORK=str(self.work), LC_ALL="C.UTF-8", **more)

    def run(self, *arguments, **more):
        return subprocess.run([self.kata, *map(str, arguments)], env=self.environment(**more),
                              capture_output=True, text=True, timeout=300, check=False)

    def answer(self, text, where="optimizers/adam.cpp"):
        path = self.work / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def bundled(self, name, path):
        return (self.source / "tests" / "submissions" / name / path).read_text()

    def schema(self, name):
        return json.loads((self.source / "docs" / name).read_text())

    def submission(self, name):
        folder = self.folder / "submissions" / name
        folder.mkdir(parents=True)
        return folder


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def contains(text, *words):
    for word in words:
        check(word in text, f"{word!r} is not in:\n{text}")


def one(done):
    """The exercise of a report with one."""
    return json.loads(done.stdout)["exercises"][0]


# --- words -----------------------------------------------------------------------------------------


def test_list_is_json_by_its_schema(s):
    listed = json.loads(s.run("list", "--json").stdout)
    jsonschema.validate(listed, s.schema("list.schema.json"))
    folders = {f"{p.parent.parent.name}/{p.parent.name}"
               for p in (s.source / "exercises").glob("*/*/exercise.json")}
    check({e["id"] for e in listed} == folders, "the list is not what is in exercises/")
    check(all(e["state"] == "not_attempted" for e in listed), "a fresh folder has a state")


def test_every_command_has_help(s):
    words = re.findall(r"^  ([a-z]+) ", s.run("--help").stdout, re.M)
    for wanted in ["list", "run", "grade", "hint", "solution", "reset", "debug", "demo", "setup", "doctor", "dev"]:
        check(wanted in words, f"kata --help does not name {wanted}")
        done = s.run(wanted, "--help")
        check(done.returncode == 0 and len(done.stdout) > 60, f"kata {wanted} --help says nothing")


def test_wrong_usage_is_status_2_and_a_sentence(s):
    for arguments, word in [(["run", "optimizers/adm"], "optimizers/adam"), (["nonsense"], "--help"),
                            (["grade", "/nonexistent"], "no folder"), (["run"], "exercise"),
                            (["grade", s.source / "docs"], "no answer"),
                            (["grade", s.source / "tests/submissions/untouched_stubs", "--seed", "x"], "seed")]:
        done = s.run(*arguments)
        check(done.returncode == 2, f"{arguments}: exit status {done.returncode}, not 2: {done.stderr}")
        contains(done.stderr, "error: ", word)


def test_hints_come_one_at_a_time(s):
    for n in (1, 2, 3):
        contains(s.run("hint", "optimizers/adam").stdout, f"hint {n} of 3")
    contains(s.run("hint", "optimizers/adam").stdout, "That was the last one", "--give-up")
    chinese = s.run("--lang", "zh", "hint", "optimizers/adam", "--number", "1").stdout
    check(re.search(r"[\u4e00-\u9fff]", chinese), "the hint is not in Chinese")


def test_doctor_tries_each_layer(s):
    told = json.loads(s.run("doctor", "--json").stdout)
    check({"user namespace", "seccomp", "empty root"} <= {l["name"] for l in told["layers"]}, str(told))


def test_no_escape_sequence_goes_into_a_pipe(s):
    for arguments in (["list"], ["doctor"], ["run", "layers/conv2d"]):
        check("\x1b" not in s.run(*arguments).stdout, f"{arguments} colours a pipe")


# --- verdicts --------------------------------------------------------------------------------------


def test_a_stub_is_not_attempted_and_handed_out(s):
    done = s.run("run", "optimizers/adam", "--json")
    check(done.returncode == 1 and one(done)["status"] == "not_attempted", done.stdout + done.stderr)
    stub = (s.source / "exercises/optimizers/adam/adam.cpp").read_bytes()
    check((s.work / "optimizers/adam.cpp").read_bytes() == stub, "the copy is not the stub")


def test_a_right_answer_passes_and_opens_the_solution(s):
    check(s.run("solution", "optimizers/adam").returncode == 2, "the solution is open before passing")
    contains(s.run("solution", "optimizers/adam", "--give-up").stdout, "adam_step")
    s.answer(s.bundled("right_answers", "optimizers/adam.cpp"))
    done = s.run("run", "optimizers/adam", "--json")
    check(done.returncode == 0 and one(done)["status"] == "passed", done.stdout + done.stderr)
    jsonschema.validate(json.loads(done.stdout), s.schema("report.schema.json"))
    contains(s.run("solution", "optimizers/adam").stdout, "adam_step")
    state = {e["id"]: e["state"] for e in json.loads(s.run("list", "--json").stdout)}
    check(state["optimizers/adam"] == "passed", str(state))
    s.answer(s.bundled("right_answers", "optimizers/adam.cpp") + "// edited\n")
    state = {e["id"]: e["state"] for e in json.loads(s.run("list", "--json").stdout)}
    check(state["optimizers/adam"] == "changed", str(state))


def test_a_wrong_answer_is_told_its_misconception(s):
    s.answer(s.bundled("epsilon_inside_the_root", "optimizers/adam.cpp"))
    done = s.run("run", "optimizers/adam", "--json")
    exercise = one(done)
    check(done.returncode == 1 and exercise["status"] == "wrong_answer", done.stdout)
    check([m["id"] for m in exercise["misconceptions"]] == ["epsilon-inside-root"], str(exercise["misconceptions"]))
    check(0 < exercise["points"] < exercise["max_points"], "no part of the points")
    s.answer(s.bundled("wrong_batchnorm_formula", "batchnorm/backward/backward.cpp"), "batchnorm/backward.cpp")
    exercise = one(s.run("run", "batchnorm/backward", "--json"))
    check([m["id"] for m in exercise["misconceptions"]] == ["article-formula"], str(exercise["misconceptions"]))


def test_a_token_repeats_the_case_with_its_numbers(s):
    s.answer(s.bundled("epsilon_inside_the_root", "optimizers/adam.cpp"))
    failed = next(t for t in one(s.run("run", "optimizers/adam", "--json"))["tests"] if t["replay"])
    again = one(s.run("run", "optimizers/adam", "--replay", failed["replay"], "--json"))["tests"]
    check(len(again) == 1, "a replay runs more than one test")
    check((again[0]["name"], again[0]["message"]) == (failed["name"], failed["message"]), f"{failed} {again}")
    done = s.run("run", "optimizers/adam", "--replay", "00000000-ffff", "--json")
    check(done.returncode == 3, "a token of no test is taken")


def test_the_same_seed_gives_the_same_verdict(s):
    s.answer(s.bundled("epsilon_inside_the_root", "optimizers/adam.cpp"))
    reports = [json.loads(s.run("grade", "--seed", "7", "--report", "-").stdout) for _ in range(2)]
    messages = [[t["message"] for t in r["exercises"][0]["tests"]] for r in reports]
    check(messages[0] == messages[1], "two runs with one seed differ")
    other = json.loads(s.run("grade", "--seed", "8", "--report", "-").stdout)
    check([t["message"] for t in other["exercises"][0]["tests"]] != messages[0], "the seed changes nothing")


def test_a_crash_names_the_line(s):
    s.answer(s.bundled("writes_out_of_bounds", "optimizers/adam.cpp"))
    exercise = one(s.run("run", "optimizers/adam", "--json"))
    check(exercise["status"] == "crashed", exercise["status"])
    check(re.search(r"adam\.cpp:14$", exercise["diagnostics"]["where"]), str(exercise["diagnostics"]))


def test_reset_keeps_what_was_written(s):
    s.answer("// mine\n")
    check(s.run("reset", "optimizers/adam").returncode == 0, "reset fails")
    stub = (s.source / "exercises/optimizers/adam/adam.cpp").read_bytes()
    check((s.work / "optimizers/adam.cpp").read_bytes() == stub, "not the stub again")
    kept = list((s.work / ".kata/backup").iterdir())
    check(len(kept) == 1 and kept[0].read_text() == "// mine\n", f"the backup is {kept}")


# --- files -----------------------------------------------------------------------------------------


def refused(s, folder, status, *words):
    done = s.run("grade", folder, "--exercise", "optimizers/adam", "--report", "-")
    check(done.returncode == 1, f"exit status {done.returncode}: {done.stderr}")
    exercise = one(done)
    check(exercise["status"] == status, f"{exercise['status']}, not {status}")
    contains(exercise["diagnostics"]["compiler"], *words)


def test_what_cannot_be_an_answer_gets_a_sentence(s):
    def put(name, data):
        path = s.submission(name) / "optimizers" / "adam.cpp"
        path.parent.mkdir()
        path.write_bytes(data)
        return path.parents[1]
    refused(s, put("empty", b""), "compile_error", "empty")
    refused(s, put("binary", bytes(range(256)) * 20), "compile_error", "text")
    refused(s, put("huge", b"// x\n" * 500000), "compile_error", "MiB")
    header = b'#include "optimizers/adam/adam.hpp"\n'
    refused(s, put("nothing", header), "compile_error", "adam_step")
    refused(s, put("other", header + b"namespace optimizers::adam { void adam_step(int) {} }\n"),
            "compile_error", "adam_step", "signature")
    refused(s, put("passwd", b'#include "/etc/passwd"\n'), "forbidden_call", "/etc/passwd")


def test_what_is_no_regular_file_is_refused(s):
    for name, make in {"link": lambda p: p.symlink_to("/etc/passwd"), "fifo": os.mkfifo,
                       "folder": lambda p: p.mkdir()}.items():
        folder = s.submission(name)
        (folder / "optimizers").mkdir()
        make(folder / "optimizers" / "adam.cpp")
        start = time.monotonic()
        done = s.run("grade", folder, "--exercise", "optimizers/adam", "--report", "-")
        check(time.monotonic() - start < 60, f"{name} hangs")
        check(done.returncode in (1, 2), f"{name}: exit status {done.returncode}: {done.stderr}")
        check("root:" not in done.stdout, "a file outside of the submission was read")


# --- faults ----------------------------------------------------------------------------------------


def ours(marker):
    """Processes of this part: those that carry its work folder in their environment, and their children."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (process / "environ").read_bytes():
                found.append(f"{process.name} {(process / 'comm').read_text().strip()}")
        except OSError:
            continue
    return found


def test_an_interrupt_leaves_nothing_behind(s):
    s.answer(s.bundled("never_ends", "layers/conv2d.cpp"), "layers/conv2d.cpp")
    report = s.folder / "report.json"
    process = subprocess.Popen([s.kata, "grade", "--report", str(report)], env=s.environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(3)
    check(process.poll() is None, "it ended before it was interrupted")
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=20)
    time.sleep(1)
    check(process.returncode != 0, "an interrupted run says that all is well")
    check(ours(str(s.work)) == [], f"left running: {ours(str(s.work))}")
    check(not list(s.folder.glob("report*")), "a report was half written")


def test_a_killed_kata_leaves_no_process(s):
    s.answer(s.bundled("never_ends", "layers/conv2d.cpp"), "layers/conv2d.cpp")
    process = subprocess.Popen([s.kata, "grade"], env=s.environment(), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    time.sleep(3)
    process.kill()
    process.wait(timeout=20)
    time.sleep(1)
    check(ours(str(s.work)) == [], f"left running: {ours(str(s.work))}")


def test_a_report_that_cannot_be_written_is_a_sentence(s):
    s.answer(s.bundled("does_not_compile", "adam.cpp"))
    done = s.run("grade", "--report", "/proc/nowhere/report.json")
    check(done.returncode == 3, f"exit status {done.returncode}")
    contains(done.stderr, "error: ", "/proc/nowhere/report.json")
    with open("/dev/full", "w") as full:
        done = subprocess.run([s.kata, "list"], env=s.environment(), stdout=full, stderr=subprocess.PIPE,
                              text=True, check=False)
    check(done.returncode == 3 and "could not be written" in done.stderr, done.stderr)


def test_a_report_to_a_file_replaces_the_old_one(s):
    s.answer(s.bundled("does_not_compile", "adam.cpp"))
    report = s.folder / "report.json"
    report.write_text("old")
    s.run("grade", "--report", report)
    jsonschema.validate(json.loads(report.read_text()), s.schema("report.schema.json"))
    check([p.name for p in s.folder.glob("report*")] == ["report.json"], "something is left beside the report")


# --- demo, solutions, check, mutants ---------------------------------------------------------------


def test_the_demo_says_what_is_wrong_with_each(s):
    done = s.run("demo", "--report", "-")
    check(done.returncode == 0, done.stderr)
    reports = json.loads(done.stdout)
    schema = s.schema("report.schema.json")
    got = {}
    for report in reports:
        jsonschema.validate(report, schema)
        got[report["submission"]["name"]] = {e["id"]: e["status"] for e in report["exercises"]}
        for e in report["exercises"]:
            check(e["status"] in ("passed", "not_attempted") or any(t["message"] for t in e["tests"]) or
                  e["diagnostics"]["compiler"], f"no reason for {e['id']}")
    check(got == EXPECTED, json.dumps(got, indent=1))
    for name in EXPECTED:
        contains(done.stderr, name)


def test_the_untouched_stubs_are_the_stubs(s):
    for stub in (s.source / "tests/submissions/untouched_stubs").rglob("*.cpp"):
        original = s.source / "exercises" / stub.parent.name / stub.stem / stub.name
        check(stub.read_bytes() == original.read_bytes(), f"run: cp {original} {stub}")


def test_the_suites_own_answers_pass(s):
    done = s.run("grade", s.source / "solutions", "--report", "-")
    report = json.loads(done.stdout)
    check(done.returncode == 0, done.stderr)
    check(report["summary"]["points"] == report["summary"]["max_points"] > 0, str(report["summary"]))


def test_every_exercise_is_whole(s):
    done = s.run("dev", "check", "--json")
    wrong = {e["id"]: e["complaints"] for e in json.loads(done.stdout) if e["complaints"]}
    check(done.returncode == 0 and not wrong, json.dumps(wrong, indent=1, ensure_ascii=False))


def test_every_mutant_is_killed_twice(s):
    told = json.loads(s.run("dev", "mutants", "--json").stdout)
    check(told["survivors"] == [] and told["killed_by_two"] == told["killed"] == told["mutants"] > 0,
          str({k: v for k, v in told.items() if k != "tables"}))


PARTS = {
    "words": [test_list_is_json_by_its_schema, test_every_command_has_help,
              test_wrong_usage_is_status_2_and_a_sentence, test_hints_come_one_at_a_time,
              test_doctor_tries_each_layer, test_no_escape_sequence_goes_into_a_pipe],
    "verdicts": [test_a_stub_is_not_attempted_and_handed_out, test_a_right_answer_passes_and_opens_the_solution,
                 test_a_wrong_answer_is_told_its_misconception, test_a_token_repeats_the_case_with_its_numbers,
                 test_the_same_seed_gives_the_same_verdict, test_a_crash_names_the_line,
                 test_reset_keeps_what_was_written],
    "files": [test_what_cannot_be_an_answer_gets_a_sentence, test_what_is_no_regular_file_is_refused],
    "faults": [test_an_interrupt_leaves_nothing_behind, test_a_killed_kata_leaves_no_process,
               test_a_report_that_cannot_be_written_is_a_sentence, test_a_report_to_a_file_replaces_the_old_one],
    "demo": [test_the_demo_says_what_is_wrong_with_each, test_the_untouched_stubs_are_the_stubs],
    "solutions": [test_the_suites_own_answers_pass],
    "check": [test_every_exercise_is_whole],
    "mutants": [test_every_mutant_is_killed_twice],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kata", type=Path)
    parser.add_argument("build", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--part", choices=PARTS, required=True)
    options = parser.parse_args()
    failed = 0
    for test in PARTS[options.part]:
        with tempfile.TemporaryDirectory(prefix="kata-test-") as folder:
            try:
                test(Suite(options.kata, options.build, options.source, Path(folder)))
                print(f"ok    {test.__name__}", flush=True)
            except Exception:  # noqa: BLE001 - whatever it is, it is a failed test
                failed += 1
                print(f"FAIL  {test.__name__}\n{traceback.format_exc()}", flush=True)
    print(f"{len(PARTS[options.part]) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
