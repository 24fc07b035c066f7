// Compiled into `kata debug` programs alone: the test API without an examiner. Everything runs in
// one process, so the generator needs no secret.
#define CATCH_CONFIG_RUNNER
#include <kata/test.hpp>

namespace kata::test {

Rng& rng() {
  static Rng generator;
  return generator;
}

}  // namespace kata::test

int main(int argc, char* argv[]) {
  return Catch::Session().run(argc, argv);
}
