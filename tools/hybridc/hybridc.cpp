//===- hybridc.cpp - The compiler driver ----------------------------------===//
#include "Commands.h"

#include "hybridc/Support/Version.h"

#include <cstdio>

using namespace hybridc;

int driver::fail(const Error &error) {
  fprintf(stderr, "hybridc: error: %s\n", error.message.c_str());
  return static_cast<int>(error.code);
}

int main(int argc, char **argv) {
  CLI::App app("hybridc: a compiler for hybrid analog/digital chips", "hybridc");
  app.set_version_flag("--version", std::string(version()));
  app.require_subcommand(1);
  driver::Action action;
  driver::addCompile(app, action);
  driver::addRun(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    // CLI11 prints help and version itself; anything else is wrong usage.
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::Usage);
  }
  return action.run();
}
