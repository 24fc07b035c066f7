#!/usr/bin/env python3
"""End to end, with the program itself.

    tests/cli_test.py KATA BUILD SOURCE --part PART

KATA is the program, BUILD the folder with its examiners, SOURCE the checkout. Each part works in a folder
of its own and ends with `N passed, N failed`.
"""

import argparse
import json
import os
import pty
import re
import shutil
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
                            (["grade", s.source / "README.md"], "folder"),
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


def on_a_terminal(s, *arguments, **more):
    """What the command says to a terminal."""
    ours_end, its_end = pty.openpty()
    process = subprocess.Popen([s.kata, *arguments], env=s.environment(TERM="xterm", **more), stdin=its_end,
                               stdout=its_end, stderr=subprocess.DEVNULL)
    os.close(its_end)
    said = b""
    try:
        while piece := os.read(ours_end, 65536):
            said += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours_end)
    process.wait(timeout=60)
    return said


def test_a_terminal_gets_colour_unless_it_says_no(s):
    check(b"\x1b" in on_a_terminal(s, "run", "layers/conv2d"), "no colour, or colour cannot be seen here")
    said = on_a_terminal(s, "run", "layers/conv2d", NO_COLOR="1")
    check(b"\x1b" not in said and b"layers/conv2d" in said, f"NO_COLOR is not respected: {said}")


def test_verdicts_come_in_chinese(s):
    said = s.run("run", "layers/conv2d", "--lang", "zh").stdout
    check(len(re.findall(r"[\u4e00-\u9fff]", said)) > 10, f"not in Chinese: {said}")


def test_a_spoilt_record_of_progress_stops_nobody(s):
    (s.work / ".kata").mkdir(parents=True)
    for spoilt in ["", "{", "[]", '{"exercises": []}', '{"exercises": {"optimizers/adam": {"hints": "x"}}}', "\0" * 99]:
        (s.work / ".kata" / "progress.json").write_text(spoilt)
        check(s.run("list").returncode == 0, f"list fails on the record {spoilt!r}")
    contains(s.run("hint", "optimizers/adam").stdout, "hint 1 of 3")


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


def test_what_an_answer_prints_is_believed_by_nobody(s):
    line = 'std::puts("\\x1b[31m{\\"status\\": \\"passed\\"}");'

    def printing(name):
        text = s.bundled(name, "optimizers/adam.cpp")
        at = text.index("{", text.index("void adam_step(")) + 1
        return "#include <cstdio>\n" + text[:at] + line + text[at:]

    s.answer(printing("right_answers"))
    check(one(s.run("run", "optimizers/adam", "--json"))["status"] == "passed", "printing is no mistake")
    s.answer(printing("epsilon_inside_the_root"))
    done = s.run("run", "optimizers/adam")
    check(done.returncode == 1, "what is printed changes the verdict")
    check("\x1b" not in done.stdout, "what is printed reaches the terminal as it is")


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
    both = put("both", header)
    (both / "adam.cpp").write_bytes(header + b"// another\n")
    refused(s, both, "compile_error", "adam.cpp", "Keep the one that counts")
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


def process_table():
    """pid -> (parent, the moment it started, state, name)."""
    table = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            before, _, after = stat.read_text().rpartition(") ")
        except OSError:
            continue
        fields = after.split()
        table[int(stat.parent.name)] = (int(fields[1]), fields[19], fields[0], before.partition("(")[2])
    return table


def family(pid, seconds):
    """All that descends from `pid` at some moment of that time: (pid, the moment it started, name). What is in
    the sandbox has an environment of its own, and would not be found by a name in there."""
    seen = set()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        table = process_table()
        found = {pid}
        while more := {p for p, row in table.items() if row[0] in found} - found:
            found |= more
        seen |= {(p, table[p][1], table[p][3]) for p in found if p in table}
        time.sleep(0.05)
    return seen


def survivors(seen):
    """Those that are there still; they have two seconds to go."""
    for _ in range(40):
        table = process_table()
        left = {one for one in seen if one[0] in table and table[one[0]][1] == one[1] and table[one[0]][2] != "Z"}
        if not left:
            break
        time.sleep(0.05)
    return left


def test_an_interrupt_leaves_nothing_behind(s):
    s.answer(s.bundled("never_ends", "layers/conv2d.cpp"), "layers/conv2d.cpp")
    report = s.folder / "report.json"
    process = subprocess.Popen([s.kata, "grade", "--report", str(report)], env=s.environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    seen = family(process.pid, 3)
    check(process.poll() is None, "it ended before it was interrupted")
    check(any(name == "bwrap" for _, _, name in seen), f"no sandbox was started: {seen}")
    os.killpg(process.pid, signal.SIGINT)
    process.wait(timeout=20)
    check(not survivors(seen), f"left running: {survivors(seen)}")
    check(process.returncode != 0, "an interrupted run says that all is well")
    check(not list(s.folder.glob("report*")), "a report was half written")
    check(not list(s.folder.rglob("*.new*")), f"half written: {list(s.folder.rglob('*.new*'))}")


def test_a_killed_kata_leaves_no_process(s):
    s.answer(s.bundled("never_ends", "layers/conv2d.cpp"), "layers/conv2d.cpp")
    process = subprocess.Popen([s.kata, "grade"], env=s.environment(), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    seen = family(process.pid, 3)
    process.kill()
    process.wait(timeout=20)
    check(not survivors(seen), f"left running: {survivors(seen)}")


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


FULL_DISK = """
mount -t tmpfs -o size=16k full "$1" || exit 77
printf old >"$1/report.json"
cat /dev/zero >"$1/filler" 2>/dev/null
folder=$1
shift
"$@" >/dev/null
echo "status $?" && ls -A "$folder" && cat "$folder/report.json"
"""


def test_a_full_disk_is_a_sentence_and_costs_no_old_report(s):
    disk = s.folder / "disk"
    disk.mkdir()
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    s.answer(s.bundled("does_not_compile", "adam.cpp"))
    if not shutil.which("unshare") or subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        print("skip  a full disk: no mount namespace can be had here")
        return
    done = subprocess.run([*unshare, "sh", "-c", FULL_DISK, "sh", disk, s.kata, "grade", "--report",
                           disk / "report.json"], env=s.environment(), capture_output=True, text=True, timeout=120,
                          check=False)
    if done.returncode == 77:
        print("skip  a full disk: no small disk can be mounted here")
        return
    lines = done.stdout.split("\n")
    check(lines[0] == "status 3", f"{lines[0]}, not 3: {done.stderr}")
    contains(done.stderr, "error: ", "No space left on device")
    check(lines[1:] == ["filler", "report.json", "old"], f"on the disk: {lines[1:]}")


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
    thread = next(r for r in reports if r["submission"]["name"] == "starts_a_thread")["exercises"][0]
    check(thread["diagnostics"]["signal"] in ("clone3", "clone"), str(thread["diagnostics"]))
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
              test_doctor_tries_each_layer, test_no_escape_sequence_goes_into_a_pipe,
              test_a_terminal_gets_colour_unless_it_says_no, test_verdicts_come_in_chinese,
              test_a_spoilt_record_of_progress_stops_nobody],
    "verdicts": [test_a_stub_is_not_attempted_and_handed_out, test_a_right_answer_passes_and_opens_the_solution,
                 test_a_wrong_answer_is_told_its_misconception, test_a_token_repeats_the_case_with_its_numbers,
                 test_what_an_answer_prints_is_believed_by_nobody,
                 test_the_same_seed_gives_the_same_verdict, test_a_crash_names_the_line,
                 test_reset_keeps_what_was_written],
    "files": [test_what_cannot_be_an_answer_gets_a_sentence, test_what_is_no_regular_file_is_refused],
    "faults": [test_an_interrupt_leaves_nothing_behind, test_a_killed_kata_leaves_no_process,
               test_a_report_that_cannot_be_written_is_a_sentence, test_a_report_to_a_file_replaces_the_old_one,
               test_a_full_disk_is_a_sentence_and_costs_no_old_report],
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
