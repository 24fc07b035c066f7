#!/usr/bin/env python3
"""Measures how long a verdict takes, from save to text, and writes the tables of docs/performance.md.

    tests/performance/verdict_times.py [--runs N] [--write]

Run it from the project's folder after ./kata setup, on a machine that does nothing else. Each warm run
grades the whiteboard answer with a comment of its own, so that the builder's cache cannot know it; a
cold run has an empty cache. Without --write the tables are only printed.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("KATA_BUILD", ROOT / "build"))
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- verdict times: begin -->", "<!-- verdict times: end -->"


def exercises():
    listed = subprocess.run([BUILD / "bin" / "kata", "list", "--json"], check=True, capture_output=True)
    return [e["id"] for e in json.loads(listed.stdout)]


def run(identity, work, cache, nonce):
    """Seconds from the saved file to the printed verdict, and the report of the exercise."""
    topic, name = identity.split("/")
    answer = (ROOT / "solutions" / topic / name / "whiteboard.cpp").read_text()
    path = work / topic / f"{name}.cpp"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"// {nonce}\n{answer}")
    environment = dict(os.environ, KATA_ROOT=str(ROOT), KATA_BUILD=str(BUILD), KATA_WORK=str(work))
    if cache:
        environment["KATA_CACHE"] = str(cache)
    start = time.monotonic()
    done = subprocess.run([BUILD / "bin" / "kata", "run", identity, "--json"], env=environment,
                          capture_output=True, check=False)
    seconds = time.monotonic() - start
    report = json.loads(done.stdout)["exercises"][0]
    if report["status"] != "passed":
        sys.exit(f"{identity}: {report['status']}, so there is nothing to time\n{done.stderr.decode()}")
    return seconds, report


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def verdict_table(runs):
    rows = ["| exercise | tests | warm: median | 95th percentile | of that, build | answer known: median | cold cache |",
            "| --- | --- | --- | --- | --- | --- | --- |"]
    for identity in exercises():
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder) / "work"
            run(identity, work, None, "first")
            warm = [run(identity, work, None, f"{time.time_ns()}") for _ in range(runs)]
            known = [run(identity, work, None, "first")[0] for _ in range(max(3, runs // 2))]
            cold, _ = run(identity, work, Path(folder) / "cache", "cold")
        seconds = [s for s, _ in warm]
        build = statistics.median(r["build_s"] for _, r in warm)
        rows.append(f"| {identity} | {len(warm[0][1]['tests'])} | {statistics.median(seconds):.2f} s "
                    f"| {percentile(seconds, 0.95):.2f} s | {build:.2f} s "
                    f"| {statistics.median(known):.2f} s | {cold:.1f} s |")
    return "\n".join(rows)


def sandbox_table():
    bench = BUILD / "tests" / "worker_start_bench"
    # The newest worker that is static: a sanitized one wants another profile.
    workers = sorted((BUILD / "cache" / "workers").rglob("worker"), key=lambda p: p.stat().st_mtime)
    workers = [w for w in workers if b"AddressSanitizer" not in w.read_bytes()]
    if not bench.exists() or not workers:
        return "(worker_start_bench is not built: ninja worker_start_bench)"
    done = subprocess.run([bench, BUILD / "bin" / "kata_launcher", workers[-1], "--benchmark_format=json",
                           "--benchmark_repetitions=5", "--benchmark_report_aggregates_only=true"],
                          check=True, capture_output=True)
    names = {"boxed_worker": "a worker in the box: started, asked, answered, ended",
             "bare_process": "the same program, bare: started and ended",
             "box_start": "the box itself and a first worker, once an examination",
             "call": "one more call to a worker that runs"}
    rows = ["| what | median |", "| --- | --- |"]
    for b in json.loads(done.stdout)["benchmarks"]:
        if b["aggregate_name"] == "median":
            rows.append(f"| {names[b['run_name'].split('/')[0]]} | {b['real_time']:.3g} {b['time_unit']} |")
    return "\n".join(rows)


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--write", action="store_true", help="rewrite the tables of docs/performance.md")
    options = parser.parse_args()
    text = (f"{BEGIN}\nMade by `tests/performance/verdict_times.py --runs {options.runs}` on {time.strftime('%Y-%m-%d')}: "
            f"{machine()}.\n\n{verdict_table(options.runs)}\n\n{sandbox_table()}\n{END}")
    print(text)
    if options.write:
        page = PAGE.read_text()
        begin, end = page.index(BEGIN), page.index(END) + len(END)
        PAGE.write_text(page[:begin] + text + page[end:])


if __name__ == "__main__":
    main()
