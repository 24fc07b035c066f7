#!/usr/bin/env python3
"""Who may include whom (docs/design.md): scans every #include line of the tree.

  includes_test.py [ROOT]

First it tries itself on a small tree in which every rule is broken once: a scan that complains too
little there would prove nothing here. Exit status 0: all good; 1: something is not.
"""

import json
import pathlib
import re
import sys
import tempfile

STD = re.compile(r"[a-z_0-9]+$")  # <vector>, <cmath>: of the standard library, no header of a system
RAW_STRING = re.compile(r'R"([^()\\\s]{0,16})\(.*?\)\1"', re.S)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include(?:_next)?[ \t]*(?:<([^>\n]*)>|"([^"\n]*)"|(\S.*))', re.M)
FORK = re.compile(r"(?<![\w.>])(?:::)?(fork|vfork|posix_spawnp?|clone|clone3)\s*\(")

# The flow inside grader/: a folder may include itself and those that are named here.
FLOW = {
    "catalog": [], "report": [], "wire": [],
    "sandbox": [],
    "worker": ["wire"],
    "builder": ["sandbox", "catalog"],
    # Of the worker, the one type in which the table of mistakes is told.
    "examiner": ["sandbox", "wire", "timing", "worker/mistakes.hpp"],
    "timing": ["sandbox", "wire"],
    # Of the examiner, kata's own end alone: no test, no Catch2.
    "classroom": ["builder", "sandbox", "wire", "catalog", "report", "examiner/client.hpp",
                  "examiner/job.hpp", "examiner/junk_names.hpp"],
    "cli": ["classroom", "builder", "sandbox", "catalog", "report"],
}
# Who may use what is not ours: the beginning of a header's name, and the beginnings of paths.
FOREIGN = {
    "nlohmann/": ["grader/catalog/", "grader/report/", "grader/classroom/progress.", "grader/cli/",
                  "tests/"],
    "catch2/": ["grader/examiner/catch.hpp", "tests/"],
    "kata/test.hpp": ["grader/examiner/", "grader/cli/debug/", "tests/examiner/", "exercises/",
                      "solutions/", "cmake/"],
    "CLI/": ["grader/cli/"],
    "seccomp.h": ["grader/sandbox/", "grader/examiner/worker.cpp", "tests/sandbox/"],
    "benchmark/": ["grader/timing/", "tests/performance/"],
    "hwy/": ["solutions/kernels/"],
    "Eigen/": ["exercises/", "solutions/", "grader/wire/", "grader/worker/", "grader/examiner/",
               "tests/"],
}
FORKERS = ["grader/sandbox/", "grader/examiner/client.cpp"]


def code_of(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    return COMMENT.sub(lambda m: "\n" * m[0].count("\n"),
                       RAW_STRING.sub(lambda m: '""' + "\n" * m[0].count("\n"), text))


def includes(code):
    """(line, name, quoted) of each #include; a name that is a macro is None."""
    for m in INCLUDE.finditer(code):
        yield code.count("\n", 0, m.start()) + 1, m[1] or m[2], m[2] is not None


def within(name, allowed):
    return any(name == a or name.startswith(a if a.endswith("/") else a + "/") for a in allowed)


class Scan:
    def __init__(self, root):
        self.root = root
        self.complaints = []
        self.files = 0
        self.ids = {}
        for manifest in (root / "exercises").glob("*/*/exercise.json"):
            given = json.loads(manifest.read_text(encoding="utf-8")).get("given", [])
            self.ids["/".join(manifest.parts[-3:-1])] = given

    def run(self):
        for folder in ("exercises", "solutions", "grader", "tests", "cmake"):
            for path in sorted((self.root / folder).rglob("*")):
                if path.suffix in (".cpp", ".hpp", ".h", ".cc", ".inc") and path.is_file():
                    self.scan(path.relative_to(self.root).as_posix(), code_of(path))
        return self.complaints

    def scan(self, path, code):
        self.files += 1
        for line, name, quoted in includes(code):
            why = "an include by macro cannot be checked" if name is None \
                else self.refusal(path, name, quoted)
            if why:
                self.complaints.append(f"{path}:{line}: includes {name}: {why}")
        if path.startswith("grader/") and not path.startswith(tuple(FORKERS)):
            for m in FORK.finditer(re.sub(r'//.*|"(?:[^"\\\n]|\\.)*"', "", code)):
                self.complaints.append(f"{path}: calls {m[1]}, which is the sandbox's alone to do")

    def refusal(self, path, name, quoted):
        """Why the file at `path` may not include `name`; empty when it may."""
        if ".." in name.split("/") or name.startswith("/"):
            return "names are below the include roots"
        for prefix, who in FOREIGN.items():
            if name.startswith(prefix) and not path.startswith(tuple(who)):
                return "only " + ", ".join(who) + " may"
        first = path.split("/")[0]
        return getattr(self, "in_" + first, lambda *_: "")(path, name, quoted)

    def learner(self, name, quoted):
        """What all code of an exercise may include."""
        return not quoted and (STD.match(name) or name.startswith("Eigen/") or (
            name.startswith("kata/") and name != "kata/test.hpp"))

    def beneath(self, own, name):
        """Whether `name` is the exercise's own header, or that of one which it is given."""
        if name.endswith("/subject.hpp"):
            return False
        given = self.ids.get(own, [])
        return within(name, [own]) or any(
            name == f"{id_}/{id_.split('/')[1]}.hpp" for id_ in given)

    def tests_of_exercise(self, own, name, quoted):
        return (not quoted and name == "kata/test.hpp") or (
            quoted and (name == own + "/subject.hpp" or self.beneath(own, name)))

    def in_exercises(self, path, name, quoted):
        parts = path.split("/")
        if self.learner(name, quoted):
            return ""
        own = "/".join(parts[1:3])
        if parts[1] != "include" and len(parts) == 4:
            if quoted and self.beneath(own, name):
                return ""
            if parts[3] == "examples.cpp" and self.tests_of_exercise(own, name, quoted):
                return ""
        return ("an exercise may include the standard library, Eigen, kata/, its own headers and "
                "those that it is given; examples.cpp also kata/test.hpp and its subject.hpp")

    def in_solutions(self, path, name, quoted):
        parts = path.split("/")
        file = parts[-1]
        if self.learner(name, quoted):
            return ""
        if parts[1] == "kernels":
            fine = name.startswith("hwy/") or (quoted and name.startswith("kernels/"))
            return "" if fine else "kernels may include kernels"
        if parts[1] == "oracle":
            own_header = any(self.beneath(id_, name) for id_ in self.ids)
            fine = quoted and (name.startswith("oracle/") or own_header)
            return "" if fine else "an oracle may include oracles and the headers of exercises"
        own = "/".join(parts[1:3])
        if quoted and self.beneath(own, name):
            return ""
        if file == "hidden.cpp":
            fine = self.tests_of_exercise(own, name, quoted) or (
                quoted and name.startswith("oracle/"))
            return "" if fine else "hidden tests may include oracles and the test API"
        if file == "mistakes.cpp":
            return "" if quoted and name == "worker/mistakes.hpp" else \
                "mistakes may include worker/mistakes.hpp"
        if file == parts[2] + ".cpp":
            return "" if quoted and name.startswith("kernels/") else "a reference may include kernels"
        return "an answer may include what a learner may"

    def in_grader(self, path, name, quoted):
        if not quoted:
            return ""
        module = path.split("/")[1]
        if module not in FLOW:
            return f"grader/{module} has no place in the flow of includes: give it one in {__file__}"
        if within(name, [module] + FLOW[module]):
            return ""
        if name.split("/")[0] in FLOW:
            return f"{module} may include " + ", ".join([module] + FLOW[module])
        return "the grader knows no exercise, and names its headers from grader/"

    def in_cmake(self, path, name, quoted):
        return ""


BROKEN = {  # path -> what it holds; each file breaks one rule, but for those that end in "fine"
    "exercises/a/one/one.hpp": "#include <vector>\n#include <Eigen/Core>\n#include <kata/arrays.hpp>",
    "exercises/a/one/one.cpp": '#include "a/one/one.hpp"\n#include "b/two/two.hpp"  // fine: given',
    "exercises/a/one/examples.cpp": '#include <kata/test.hpp>\n#include "a/one/subject.hpp"  // fine',
    "exercises/b/two/two.hpp": "#include <unistd.h>",
    "exercises/b/two/two.cpp": '#include "a/one/one.hpp"  // not given',
    "exercises/b/two/examples.cpp": '#include "oracle/x.hpp"',
    "exercises/b/two/more.cpp": "#include <kata/test.hpp>",
    "exercises/b/two/up.cpp": '#include "../one/one.hpp"',
    "exercises/include/kata/x.hpp": "#include <nlohmann/json.hpp>",
    "solutions/a/one/one.cpp": '#include "kernels/k.hpp"\n#include "a/one/one.hpp"  // fine',
    "solutions/a/one/whiteboard.cpp": '#include "kernels/k.hpp"',
    "solutions/a/one/alternative_b.cpp": '#include "oracle/x.hpp"',
    "solutions/a/one/hidden.cpp": '#include "kernels/k.hpp"',
    "solutions/b/two/hidden.cpp": '#include "oracle/x.hpp"\n#include "b/two/subject.hpp"  // fine',
    "solutions/b/two/two.cpp": '#include "oracle/x.hpp"',
    "solutions/b/two/mistakes.cpp": '#include "wire/codec.hpp"',
    "solutions/a/one/mistakes.cpp": '#include "worker/mistakes.hpp"  // fine',
    "solutions/kernels/k.hpp": '#include "a/one/one.hpp"',
    "solutions/oracle/x.hpp": '#include "kernels/k.hpp"',
    "grader/catalog/c.cpp": '#include "report/r.hpp"',
    "grader/report/r.cpp": '#include "catalog/c.hpp"',
    "grader/wire/w.hpp": '#include "sandbox/s.hpp"',
    "grader/worker/w.cpp": '#include "examiner/loss.hpp"',
    "grader/sandbox/s.cpp": '#include "builder/b.hpp"',
    "grader/builder/b.cpp": '#include "classroom/c.hpp"',
    "grader/examiner/e.cpp": '#include "builder/b.hpp"',
    "grader/classroom/c.cpp": '#include "examiner/examination.hpp"',
    "grader/classroom/d.cpp": "#include <nlohmann/json.hpp>",
    "grader/classroom/up.cpp": '#include "cli/command.hpp"',
    "grader/cli/k.cpp": '#include "optimizers/adam/adam.hpp"',
    "grader/cli/l.cpp": "#include <catch2/catch.hpp>",
    "grader/cli/m.cpp": "#define X <vector>\n#include X",
    "grader/elsewhere/e.cpp": '#include "elsewhere/e.hpp"',
    "grader/builder/f.cpp": "int f() { return fork(); }",
    "grader/builder/g.cpp": "int g() { return ::posix_spawn(a, b, c, d, e, f); }",
    "grader/sandbox/f.cpp": "int f() { return vfork(); }  // fine",
    "grader/cli/n.cpp": '// #include "wire/codec.hpp"\n/*\n#include "wire/codec.hpp"\n*/\n'
                        'const char* t = R"(\n#include "wire/codec.hpp"\n)";  // fine: it is text',
    "grader/cli/o.cpp": 'const char* t = "fork()";  // fork(): fine\nint x = a.fork();',
    "tests/cli/t.cpp": "#include <CLI/CLI.hpp>",
}


def check_itself():
    """What the scan overlooks, or complains of without reason, in the broken tree."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in BROKEN.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text + "\n", encoding="utf-8")
        for id_, given in (("a/one", ["b/two"]), ("b/two", [])):
            (root / "exercises" / id_ / "exercise.json").write_text(json.dumps({"given": given}))
        complaints = Scan(root).run()
    wrong = []
    for path, text in BROKEN.items():
        of_file = [c for c in complaints if c.startswith(path + ":")]
        expected = 0 if re.search(r"\bfine\b", text) or path == "exercises/a/one/one.hpp" else 1
        if len(of_file) != expected:
            wrong.append(f"the scan itself: {path} should give {expected} complaint(s): {of_file}")
    return wrong


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1])
    wrong = check_itself()
    scan = Scan(root.resolve())
    wrong += scan.run()
    for complaint in wrong:
        print(complaint)
    if scan.files < 50:
        wrong.append("too few")
        print(f"only {scan.files} files were found below {root}: is it the right folder?")
    print(f"{scan.files} files scanned, {len(wrong)} complaints; {len(BROKEN)} broken ones tried")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
