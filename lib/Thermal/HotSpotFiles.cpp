//===- HotSpotFiles.cpp - Floorplans, powers and packages of HotSpot ------===//

#include "hybridc/Thermal/HotSpotFiles.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <map>

namespace hybridc::exec {

namespace {

struct Line {
  size_t number;
  std::vector<std::string> words;
};

constexpr size_t kMostLines = 1000000;

Result<std::vector<Line>> linesOf(const std::string &path) {
  std::ifstream file(path);
  if (!file)
    return invalidInput(fmt::format("{}: cannot be read", path));
  std::vector<Line> lines;
  std::string text;
  for (size_t number = 1; std::getline(file, text); ++number) {
    if (number > kMostLines)
      return invalidInput(
          fmt::format("{}:{}: more than {} lines", path, number, kMostLines));
    text.resize(std::min(text.size(), text.find('#')));
    Line line{number, {}};
    for (size_t at = 0;;) {
      at = text.find_first_not_of(" \t\r,", at);
      if (at == std::string::npos)
        break;
      size_t end = std::min(text.size(), text.find_first_of(" \t\r,", at));
      line.words.push_back(text.substr(at, end - at));
      at = end;
    }
    if (!line.words.empty())
      lines.push_back(std::move(line));
  }
  return lines;
}

bool parse(const std::string &word, double &value) {
  auto [end, failed] =
      std::from_chars(word.data(), word.data() + word.size(), value);
  return failed == std::errc() && end == word.data() + word.size() &&
         std::isfinite(value);
}

} // namespace

Result<std::vector<FloorplanBlock>> readFloorplan(const std::string &path) {
  auto lines = linesOf(path);
  if (!lines)
    return lines.error();
  std::vector<FloorplanBlock> blocks;
  for (const Line &line : *lines) {
    FloorplanBlock block;
    // Two further columns are a block's own heat capacity and resistivity.
    if (line.words.size() != 5)
      return invalidInput(fmt::format(
          "{}:{}: {} columns instead of name, width, height, left and bottom",
          path, line.number, line.words.size()));
    block.name = line.words[0];
    double *members[] = {&block.width, &block.height, &block.left,
                         &block.bottom};
    for (size_t i = 0; i < 4; ++i)
      if (!parse(line.words[i + 1], *members[i]) || std::abs(*members[i]) > 10)
        return invalidInput(fmt::format("{}:{}: '{}' is no length in metres",
                                        path, line.number, line.words[i + 1]));
    for (const FloorplanBlock &other : blocks)
      if (other.name == block.name)
        return invalidInput(fmt::format("{}:{}: a second block named '{}'",
                                        path, line.number, block.name));
    blocks.push_back(std::move(block));
  }
  if (blocks.empty())
    return invalidInput(fmt::format("{}: no blocks", path));
  return blocks;
}

Result<HotSpotTrace> readPowerTrace(const std::string &path) {
  auto lines = linesOf(path);
  if (!lines)
    return lines.error();
  if (lines->size() < 2)
    return invalidInput(
        fmt::format("{}: needs a line of names and one of watts", path));
  HotSpotTrace trace;
  trace.names = (*lines)[0].words;
  for (size_t i = 1; i < lines->size(); ++i) {
    const Line &line = (*lines)[i];
    if (line.words.size() != trace.names.size())
      return invalidInput(fmt::format("{}:{}: {} powers for {} names", path,
                                      line.number, line.words.size(),
                                      trace.names.size()));
    std::vector<double> watts(line.words.size());
    for (size_t k = 0; k < watts.size(); ++k)
      if (!parse(line.words[k], watts[k]) || watts[k] < 0)
        return invalidInput(fmt::format("{}:{}: '{}' is no power in watts",
                                        path, line.number, line.words[k]));
    trace.watts.push_back(std::move(watts));
  }
  return trace;
}

/// Which of the two models, and its grid. What the grid model can have beside
/// is refused: temperatures without it would be those of another chip.
static Status readModel(const std::string &path, const Line &line,
                        chip::Thermal &package) {
  const std::string &key = line.words[0];
  if (line.words.size() < 2)
    return {};
  const std::string &word = line.words[1];
  auto refuse = [&](const std::string &what) {
    return unsupported(fmt::format("{}:{}: {}", path, line.number, what));
  };
  if (key == "-model_type") {
    if (word != "block" && word != "grid")
      return refuse(fmt::format("the '{}' model; HotSpot's block and grid "
                                "models are built",
                                word));
    package.model = word;
  } else if (key == "-grid_map_mode") {
    if (word != "avg" && word != "min" && word != "max" && word != "center")
      return invalidInput(fmt::format("{}:{}: '{}' is none of avg, min, max, "
                                      "center",
                                      path, line.number, word));
    package.grid_map = word;
  } else if (key == "-grid_layer_file" && word != "(null)") {
    return refuse("layers of one's own (-grid_layer_file); die, interface, "
                  "spreader and sink are built");
  } else if (key == "-model_secondary" && word != "0") {
    return refuse("the secondary path (-model_secondary 1); heat leaves "
                  "through the sink alone");
  }
  return {};
}

Result<HotSpotConfig> readConfig(const std::string &path,
                                 chip::Thermal &package) {
  auto lines = linesOf(path);
  if (!lines)
    return lines.error();
  static const struct {
    const char *theirs, *ours;
    double scale;
  } fields[] = {{"-t_chip", "die_mm", 1e3},
                {"-k_chip", "die_k", 1},
                {"-p_chip", "die_c", 1},
                {"-t_interface", "tim_mm", 1e3},
                {"-k_interface", "tim_k", 1},
                {"-p_interface", "tim_c", 1},
                {"-s_spreader", "spreader_side_mm", 1e3},
                {"-t_spreader", "spreader_mm", 1e3},
                {"-k_spreader", "spreader_k", 1},
                {"-p_spreader", "spreader_c", 1},
                {"-s_sink", "sink_side_mm", 1e3},
                {"-t_sink", "sink_mm", 1e3},
                {"-k_sink", "sink_k", 1},
                {"-p_sink", "sink_c", 1},
                {"-c_convec", "c_convec", 1},
                {"-r_convec", "r_convec", 1},
                {"-grid_rows", "grid_rows", 1},
                {"-grid_cols", "grid_cols", 1},
                {"-ambient", "ambient_k", 1}};
  HotSpotConfig config;
  for (const Line &line : *lines) {
    const std::string &key = line.words[0];
    if (Status status = readModel(path, line, package); !status)
      return status.error();
    if (key == "-init_file" && line.words.size() == 2 &&
        line.words[1] != "(null)")
      config.startFile = line.words[1];
    double *own = key == "-sampling_intvl" ? &config.interval_s
                  : key == "-init_temp"    ? &config.start_k
                                           : nullptr;
    const char *field = nullptr;
    double scale = 1, value = 0;
    for (const auto &f : fields)
      if (key == f.theirs) {
        field = f.ours;
        scale = f.scale;
      }
    if (!own && !field)
      continue;
    if (line.words.size() != 2 || !parse(line.words[1], value))
      return invalidInput(
          fmt::format("{}:{}: '{}' needs one number", path, line.number, key));
    if (own)
      *own = value;
    else if (Status status =
                 chip::setPackageField(package, field, value * scale);
             !status)
      return invalidInput(
          fmt::format("{}:{}: {}", path, line.number, status.error().message));
  }
  return config;
}

Result<std::vector<double>>
readTemperatures(const std::string &path,
                 const std::vector<std::string> &nodes) {
  auto lines = linesOf(path);
  if (!lines)
    return lines.error();
  std::map<std::string, double> given;
  for (const Line &line : *lines) {
    double kelvin = 0;
    if (line.words.size() != 2 || !parse(line.words[1], kelvin) ||
        !(kelvin > 0) || kelvin > 1e4)
      return invalidInput(fmt::format("{}:{}: expected a node and its "
                                      "temperature in K",
                                      path, line.number));
    if (!given.emplace(line.words[0], kelvin).second)
      return invalidInput(fmt::format("{}:{}: '{}' a second time", path,
                                      line.number, line.words[0]));
  }
  std::vector<double> kelvin;
  for (const std::string &node : nodes) {
    auto it = given.find(node);
    if (it == given.end())
      return invalidInput(
          fmt::format("{}: no temperature of '{}'", path, node));
    kelvin.push_back(it->second);
  }
  return kelvin;
}

std::vector<std::string> nodeNames(const std::vector<std::string> &blocks) {
  std::vector<std::string> names;
  for (const char *layer : {"", "iface_", "hsp_", "hsink_"})
    for (const std::string &block : blocks)
      names.push_back(layer + block);
  for (int i = 0; i < 12; ++i)
    names.push_back(fmt::format("inode_{}", i));
  return names;
}

} // namespace hybridc::exec
