//===- Config.cpp - Options from a YAML file ------------------------------===//
//
// The keys are the long options without their dashes; an option that may be
// repeated takes a list, a flag takes true or false. What the command line
// says wins.
//
//===----------------------------------------------------------------------===//
#include "Commands.h"

#include <filesystem>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

using namespace hybridc;
using namespace hybridc::driver;

void ConfigFlags::add(CLI::App &app) {
  app.add_option("--config", file, "YAML file with values for these options")
      ->group("Configuration");
  app.add_flag("--dump-config", dump,
               "print all options in force as such a file, and stop")
      ->group("Configuration");
}

/// Options that a file may hold.
static bool isConfigurable(const CLI::Option *option) {
  const auto &names = option->get_lnames();
  return !names.empty() && !option->get_group().empty() && names[0] != "help" &&
         names[0] != "config" && names[0] != "dump-config";
}

Status ConfigFlags::apply(CLI::App &app) const {
  if (file.empty())
    return {};
  auto bad = [&](const YAML::Mark &mark, std::string why) {
    return invalidInput(mark.is_null()
                            ? fmt::format("{}: {}", file, why)
                            : fmt::format("{}:{}:{}: {}", file, mark.line + 1,
                                          mark.column + 1, why));
  };
  YAML::Node root;
  YAML::Mark where = YAML::Mark::null_mark();
  try {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(file, failed))
      return invalidInput(file + ": is not a file that can be read");
    root = YAML::LoadFile(file);
    if (root.IsNull())
      return {};
    if (!root.IsMap())
      return bad(root.Mark(), "expected OPTION: VALUE lines");
    for (const auto &pair : root) {
      where = pair.first.Mark();
      std::string key = pair.first.as<std::string>();
      CLI::Option *option = app.get_option_no_throw("--" + key);
      if (!option || !isConfigurable(option))
        return bad(where, fmt::format("there is no option '{}'", key));
      if (option->count())
        continue;
      where = pair.second.Mark();
      std::vector<std::string> values;
      if (pair.second.IsScalar())
        values.push_back(pair.second.as<std::string>());
      else if (pair.second.IsSequence())
        for (const auto &item : pair.second)
          values.push_back(item.as<std::string>());
      else
        return bad(where, fmt::format("'{}' takes a value or a list", key));
      for (std::string &value : values)
        option->add_result(std::move(value));
      if (!values.empty())
        option->run_callback();
    }
  } catch (const YAML::Exception &error) {
    return bad(error.mark.is_null() ? where : error.mark, error.msg);
  } catch (const CLI::Error &error) {
    return bad(where, error.what());
  }
  return {};
}

std::string driver::dumpConfig(const CLI::App &app) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  for (const CLI::Option *option : app.get_options()) {
    if (!isConfigurable(option))
      continue;
    std::vector<std::string> values = option->results();
    if (values.empty() && !option->get_default_str().empty())
      values.push_back(option->get_default_str());
    if (values.empty() && option->get_expected_max() == 0)
      values.push_back("false");
    if (values.empty())
      continue;
    out << YAML::Key << option->get_lnames()[0] << YAML::Value;
    if (option->get_expected_max() > 1) {
      out << YAML::BeginSeq;
      for (const std::string &value : values)
        out << value;
      out << YAML::EndSeq;
    } else {
      out << values.back();
    }
  }
  out << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}
