#!/bin/bash
# The front, ./kata, on a small project of its own: what it builds, when it builds again, what it
# installs, what it says, and that it leaves nothing behind. apt-get and its kin are stand-ins.
# usage: kata_script_test.sh [KATA]
set -uo pipefail

kata=$(readlink -f "${1:-$(dirname "$0")/../kata}")
box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
unset KATA_BUILD KATA_CACHE KATA_ROOT KATA_NO_INSTALL
export HOME="$box/home" PATH="$box/bin:$PATH" BOX=$box TERM=dumb NAP=$((100000 + $$))
failures=0

check() { # check NAME CONDITION...
  local name=$1
  shift
  if "$@"; then printf 'ok      %s\n' "$name"; else
    printf 'FAILED  %s\n' "$name"
    printf '        %s\n' "status $status" "out: $(head -c 600 "$box/out")" "err: $(head -c 900 "$box/err")"
    failures=$((failures + 1))
  fi
}
run() { # run COMMAND...: sets status; its output is in out and err
  "$@" >"$box/out" 2>"$box/err" </dev/null
  status=$?
}
out_is() { [[ $(<"$box/out") == "$1" ]]; }
out_has() { grep -qF -- "$1" "$box/out"; }
err_has() { grep -qF -- "$1" "$box/err"; }
called() { grep -qs -- "$1" "$box/calls"; }
is() { [[ $1 == "$2" ]]; }
not() { ! "$@"; }

# A project whose kata prints its arguments, in a folder with a space in its name.
make_project() {
  project="$box/a project/checkout"
  mkdir -p "$project"/{grader,cmake,exercises/include,exercises/topic/one} "$box/bin" "$HOME"
  cp "$kata" "$project/kata"
  echo '{}' >"$project/exercises/topic/one/exercise.json"
  cat >"$project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(small C)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
file(GLOB manifests exercises/*/*/exercise.json)
list(LENGTH manifests count)
add_executable(kata_cli grader/main.c)
set_target_properties(kata_cli PROPERTIES OUTPUT_NAME kata)
target_compile_definitions(kata_cli PRIVATE EXERCISES=${count} BUILD_TYPE="${CMAKE_BUILD_TYPE}")
add_custom_target(kata_launcher)
add_custom_target(examiners COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/examiners_are_built)
include(CTest)
add_test(NAME good COMMAND kata_cli 0)
add_test(NAME bad COMMAND sh -c "test ! -e '${CMAKE_SOURCE_DIR}/break'")
add_test(NAME long COMMAND sh -c "test ! -e '${CMAKE_SOURCE_DIR}/long' || sleep $ENV{NAP}")
set_tests_properties(bad PROPERTIES LABELS slow)
END
  cat >"$project/grader/main.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) printf("<%s>", argv[i]);
  printf("\n");
  if (getenv("SHOW")) printf("%s\n%s\n%s\n%d %s\n", getenv("KATA_ROOT"), getenv("KATA_BUILD"),
                             getenv("KATA_CACHE"), EXERCISES, BUILD_TYPE);
  return argc > 1 ? atoi(argv[1]) : 0;
}
END
}

# Stand-ins that write down how they were called. What is "installed" is a list in a file.
make_tools() {
  cat >"$box/bin/dpkg-query" <<'END'
#!/bin/bash
echo "dpkg-query" >>"$BOX/calls"
for word; do if grep -qx -- "$word" "$BOX/installed"; then printf ' installed=%s ' "$word"; fi; done
END
  cat >"$box/bin/apt-get" <<'END'
#!/bin/bash
echo "apt-get $*" >>"$BOX/calls"
[[ -e $BOX/apt-fails ]] && { echo "E: Unable to locate package clang"; exit 100; }
echo "pmstatus:clang:50.0000:Unpacking clang (amd64)"
for word; do echo "$word" >>"$BOX/installed"; done
END
  printf '#!/bin/bash\nexit 1\n' >"$box/bin/sudo"
  chmod +x "$box"/bin/*
  sed -n '/^packages=(/,/^)/s/^  \([a-z0-9+-]*\) .*/\1/p' "$kata" >"$box/installed"
  cp "$box/installed" "$box/everything"
}

not_as_root() { # as a user who may not write what root owns
  if ((EUID == 0)); then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

tests_of_the_first_run() {
  run "$project/kata" list --flag "two words" ""
  check "builds, and hands every word over" out_is "<list><--flag><two words><>"
  check "the first run succeeds" is "$status" 0
  check "progress goes to standard error" err_has "the first time: about a minute"

  rm -f "$box/calls"
  run "$project/kata" 7
  check "the program's status is kata's" is "$status" 7
  check "a warm run says nothing of its own" not err_has kata
  check "a warm run asks no package manager" not called .

  ln -s "$project/kata" "$box/bin/kata"
  ln -s ../bin/kata "$box/home/link"
  export SHOW=1
  cd "$box/home" || exit
  run ./link x
  check "runs through links, from any folder" out_has "$project/build/cache"
  run bash -c 'cd / && kata x'
  check "runs from the PATH" out_has "$project/build"
  run bash -c 'cd "$1" && sh kata x' - "$project"
  check "runs as sh kata" out_has "$project/build"
  cd / || exit
}

tests_of_changes() {
  sed -i 's/<%s>/[%s]/' "$project/grader/main.c"
  run "$project/kata" x
  check "a changed source is built again" out_has "[x]"
  mkdir -p "$project/exercises/topic/two"
  echo '{}' >"$project/exercises/topic/two/exercise.json"
  run "$project/kata" x
  check "a new exercise is found" out_has "2 Release"
  rm -r "$project/exercises/topic/two"
  run "$project/kata" x
  check "a removed exercise is gone" out_has "1 Release"

  cp "$project/grader/main.c" "$box/main.c"
  echo 'int oops(void) { return nothing_of_this_name; }' >>"$project/grader/main.c"
  run "$project/kata" x
  check "a failed build is the grader's fault" is "$status" 3
  check "a failed build shows the error" err_has "nothing_of_this_name"
  check "a failed build says where its log is" err_has "$project/build/log/build.log"
  check "a failed build prints no result" is "$(wc -c <"$box/out")" 0
  run "$project/kata" x
  check "a failed build does not pass as done" is "$status" 3
  cp "$box/main.c" "$project/grader/main.c"

  cmake -S "$project" -B "$box/debug" -G Ninja -DCMAKE_BUILD_TYPE=Debug >/dev/null
  KATA_BUILD=$box/debug run "$project/kata" x
  check "a build folder keeps its own choices" out_has "1 Debug"

  mv "$project" "$box/moved" && project=$box/moved
  run "$project/kata" x
  check "a moved checkout builds again" out_has "$box/moved/build"
}

tests_of_packages() {
  local touched="$project/build/stamp"
  grep -vx -e clang -e mold "$box/everything" >"$box/installed"
  touch -d '1 year ago' "$touched"
  KATA_NO_INSTALL=1 run "$project/kata" x
  check "KATA_NO_INSTALL=1 stops" is "$status" 3
  check "and prints the one command" err_has "apt-get install --no-install-recommends -y clang mold"
  check "and installs nothing" not called apt-get

  chmod -R a+rX "$box" && chmod a+rwX "$box"
  KATA_BUILD=$box/user run not_as_root "$project/kata" x
  check "an ordinary user without sudo gets the command" err_has "sudo apt-get install"
  check "and status 3" is "$status" 3

  printf '#!/bin/bash\nshift\nexec "$@"\n' >"$box/bin/sudo"
  touch "$box/apt-fails"
  run "$project/kata" x
  check "a failed installation stops" is "$status" 3
  check "and shows apt-get's reason" err_has "Unable to locate package clang"
  rm "$box/apt-fails"

  run "$project/kata" x
  check "what is missing is installed, and nothing else" called "install --no-install-recommends -y clang mold$"
  check "the installation is announced" err_has "apt-get: clang mold."
  check "the installation is followed by the command" out_has "[x]"

  rm "$box/calls"
  run "$project/kata" debug --help
  check "help needs no debugger" not called .
  run "$project/kata" debug x
  check "debug brings the debugger" called "install --no-install-recommends -y gdb$"

  rm -f "$box/calls"
  ln -s "$(command -v bash)" "$(command -v readlink)" "$(command -v mkdir)" "$(command -v find)" "$box/home"
  touch -d '1 year ago' "$touched"
  PATH=$box/home run "$project/kata" x
  check "another system gets a sentence" err_has "This is not Debian"
  check "and status 3 there" is "$status" 3
}

tests_of_read_only_checkouts() {
  rm -rf "$project/build"
  chmod -R a+rX,go-w "$project"
  if ((EUID != 0)); then chmod a-w "$project"; fi
  mkdir -p "$box/cache" && chmod a+rwx "$box/cache"
  XDG_CACHE_HOME=$box/cache run not_as_root "$project/kata" x
  check "a read-only checkout builds in the cache" out_has "$box/cache/kata/"
  check "and is left alone" not test -e "$project/build"
  KATA_BUILD=/proc/nowhere run "$project/kata" x
  check "a build folder that can't be made gets a sentence" err_has "Set KATA_BUILD to a folder"
  check "and status 3 too" is "$status" 3
  chmod u+w "$project"
}

left_over() { pgrep -fx "sleep $NAP" >/dev/null; }
wait_for_it() { for _ in {1..600}; do if left_over; then break; else sleep 0.1; fi; done; }

tests_of_a_terminal() {
  command -v script >/dev/null || return 0
  touch "$project/grader/main.c"
  TERM=xterm run script -qefc "'$project/kata' 5" "$box/terminal"
  check "a terminal sees how far the build is" grep -q "Building kata.*\[[0-9]/[0-9]\]" "$box/terminal"
  check "and only the result stays" grep -q $'\r\033\\[K<5>\|\[5\]' "$box/terminal"
  check "a terminal's command keeps its status" is "$status" 5
}

tests_of_company() {
  touch "$project/grader/main.c"
  "$project/kata" one >"$box/one" 2>&1 &
  "$project/kata" two >"$box/two" 2>&1
  wait $!
  status="-"
  check "two at once: the first" grep -qF "[one]" "$box/one"
  check "two at once: the second" grep -qF "[two]" "$box/two"

  cat >>"$project/CMakeLists.txt" <<'END'
add_custom_target(forever COMMAND sleep $ENV{NAP})
add_dependencies(kata_cli forever)
END
  local signal how
  for signal in INT TERM HUP; do
    "${defaults[@]}" "$project/kata" x >"$box/out" 2>"$box/err" &
    how=$!
    wait_for_it
    check "$signal: was building" left_over
    kill -"$signal" "$how"
    wait "$how"
    status=$?
    check "$signal: kata ends with its number" is "$status" $((128 + $(kill -l "$signal")))
    sleep 0.2
    check "$signal: leaves nothing running" not left_over
  done
  "${defaults[@]}" "$project/kata" x >"$box/out" 2>"$box/err" &
  how=$!
  wait_for_it
  kill -KILL "$how"
  wait "$how" 2>/dev/null
  sleep 1
  check "even a killed kata leaves nothing running" not left_over
  sed -i '/forever/d' "$project/CMakeLists.txt"
}

tests_of_selftest() {
  run "$project/kata" selftest
  check "selftest passes" is "$status" 0
  check "selftest runs the tests" out_has "100% tests passed, 0 tests failed out of 3"
  check "selftest ends with the summary" grep -q "Total Test time" <(tail -n 1 "$box/out")
  check "selftest builds the examiners" test -e "$project/build/examiners_are_built"
  check "selftest brings its validator" called python3-jsonschema
  touch "$project/break"
  run "$project/kata" selftest
  check "selftest fails with a test" is "$status" 1
  check "selftest names the test" out_has "bad (Failed)"
  run "$project/kata" selftest --quick
  check "selftest --quick leaves out the slow" is "$status" 0
  run "$project/kata" --lang zh selftest --quick
  check "selftest lives with --lang" is "$status" 0
  run "$project/kata" --lang en selftest --slow
  check "selftest refuses what it does not know" is "$status" 2
  run "$project/kata" selftest --help
  check "selftest has help" out_has "Usage: kata selftest"

  touch "$project/long"
  "${defaults[@]}" "$project/kata" selftest >"$box/out" 2>"$box/err" &
  local how=$!
  wait_for_it
  kill -INT "$how"
  wait "$how"
  status=$?
  check "an interrupted selftest ends" is "$status" 130
  check "and its tests with it" not left_over

  rm "$project/build/examiners_are_built"
  run "$project/kata" setup
  check "setup builds the examiners" test -e "$project/build/examiners_are_built"
  check "setup says what it did" err_has "are built in $project/build"
  check "setup goes on in the program" out_has "[setup]"
}

defaults=(env --default-signal) # a background job of a script ignores Ctrl-C, and so would kata
make_project
make_tools
tests_of_the_first_run
tests_of_changes
tests_of_packages
tests_of_read_only_checkouts
tests_of_a_terminal
tests_of_company
tests_of_selftest
if ((failures)); then
  echo "$failures checks failed"
  exit 1
fi
echo "all checks passed"
