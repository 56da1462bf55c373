//===- hybridc.cpp - The compiler driver ----------------------------------===//
#include "Commands.h"

#include "hybridc/Executor/WaitPolicy.h"
#include "hybridc/Support/Process.h"
#include "hybridc/Support/Version.h"

#include <cstdio>

using namespace hybridc;

int driver::fail(const Error &error) { return failWith("hybridc", error); }

void driver::warn(const std::string &message) {
  fflush(stdout);
  fprintf(stderr, "hybridc: warning: %s\n", message.c_str());
}

int main(int argc, char **argv) {
  guardProcess("hybridc");
  CLI::App app("hybridc: a compiler for hybrid analog/digital chips",
               "hybridc");
  app.set_version_flag("--version", std::string(version()));
  app.require_subcommand(1);
  std::string unknown; // a first word that is no command
  if (argc > 1 && argv[1][0] != '-')
    unknown = argv[1];
  driver::Action action;
  action.commandLine = "hybridc";
  for (int i = 1; i < argc; ++i)
    action.commandLine += std::string(" ") + argv[i];
  driver::addCompile(app, action);
  driver::addRun(app, action);
  driver::addCompare(app, action);
  driver::addEval(app, action);
  driver::addExplain(app, action);
  driver::addInspect(app, action);
  driver::addTargets(app, action);
  driver::addCharacterize(app, action);
  for (const CLI::App *sub : app.get_subcommands({}))
    if (sub->get_name() == unknown)
      unknown.clear();
  if (!unknown.empty())
    return driver::fail(
        usage("there is no command '" + unknown + "'; see hybridc --help"));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    // CLI11 prints help and version itself; anything else is wrong usage.
    if (error.get_exit_code() == 0)
      return app.exit(error);
    const CLI::App *at = &app;
    if (auto subs = app.get_subcommands(); !subs.empty())
      at = subs[0];
    return driver::fail(usage(
        std::string(error.what()) + "; see " +
        (at == &app ? "hybridc" : "hybridc " + at->get_name()) + " --help"));
  }
  if (action.computes)
    exec::restartWithShortWaits(argv);
  return runGuarded("hybridc", action.run);
}
