//===- Analog.cpp - mvm, program_array, pulsed_update ---------------------===//
#include "Checks.h"

#include <cmath>

#include <fmt/format.h>

namespace hybridc::stream::checks {

namespace {

constexpr int64_t kMaxArray = INT32_MAX;

std::string checkTiles(const Command &command) {
  const std::vector<int64_t> &arrays = command.ints("arrays");
  if (arrays.empty())
    return "attribute 'arrays': is empty";
  for (const char *name : {"k_offsets", "n_offsets"}) {
    const std::vector<int64_t> &offsets = command.ints(name);
    if (offsets.size() != arrays.size())
      return fmt::format("attribute '{}': has {} values for {} arrays", name,
                         offsets.size(), arrays.size());
    for (int64_t offset : offsets)
      if (offset < 0 || offset > kMaxExtent)
        return fmt::format("attribute '{}': {} is out of range", name, offset);
  }
  for (int64_t array : arrays)
    if (array < 0 || array > kMaxArray)
      return fmt::format("attribute 'arrays': {} is no array number", array);
  return {};
}

std::string checkMvmConv(const Command &command, const View &x, const View &y) {
  const std::vector<int64_t> &kernel = command.ints("kernel");
  size_t spatial = kernel.size();
  if (spatial < 1 || spatial > 3)
    return fmt::format("attribute 'kernel': must have 1 to 3 values, has {}",
                       spatial);
  for (int64_t extent : kernel)
    if (extent < 1 || extent > kMaxArray)
      return fmt::format("attribute 'kernel': {} is out of range", extent);
  if (std::string error = windowAttrs(command, spatial, false); !error.empty())
    return error;
  const View *views[2] = {&x, &y};
  const char *names[2] = {"x", "y"}, *attrs[2] = {"x_block", "y_block"};
  for (unsigned i = 0; i < 2; ++i) {
    const std::vector<int64_t> &shape = views[i]->shape;
    int64_t block = command.intOr(attrs[i], 0);
    if (block != 0 && (block < 2 || block > 4096))
      return fmt::format("attribute '{}': must be 0 or within 2 to 4096, is {}",
                         attrs[i], block);
    if (shape.size() != spatial + 2 + (block != 0))
      return fmt::format("{}: shape {} must have rank {}", names[i],
                         shapeText(shape), spatial + 2 + (block != 0));
    if (block != 0 && shape.back() != block)
      return fmt::format("{}: innermost extent {} is not {} {}", names[i],
                         shape.back(), attrs[i], block);
  }
  if (x.shape[0] != y.shape[0])
    return fmt::format("batch of x is {}, of y {}", x.shape[0], y.shape[0]);
  for (size_t i = 0; i < spatial; ++i) {
    Window window = windowOf(command, i, spatial, x.shape[2 + i],
                             y.shape[2 + i], kernel[i]);
    if (std::string error = windowExtent(window, i, false); !error.empty())
      return error;
  }
  return {};
}

} // namespace

// mvm (C11) tiles: as many offsets as arrays (C12) without kernel: equal batch
// extents, no window attributes; with kernel: as conv, not transposed (C13)
// f32 → f32.
std::string checkMvm(const Command &command) {
  const View &x = command.ins[0], &y = command.outs[0];
  std::string error = checkTiles(command);
  if (error.empty())
    error = flags(command, {"accumulate", "ideal", "transposed"});
  if (error.empty())
    error = nonEmpty(command);
  if (!error.empty())
    return error;
  if (command.find("kernel") && command.intOr("transposed", 0) != 0)
    return "attribute 'transposed' and 'kernel' do not go together";
  if (double range = command.floatOr("input_range", 0);
      !std::isfinite(range) || range < 0)
    return "attribute 'input_range': must be finite and not negative";
  if (command.find("kernel")) {
    error = checkMvmConv(command, x, y);
  } else {
    for (const char *name :
         {"strides", "pads", "dilations", "x_block", "y_block"})
      if (command.find(name))
        return fmt::format("attribute '{}' needs 'kernel'", name);
    size_t rank = x.shape.size();
    if (rank == 0 || y.shape.size() != rank)
      return fmt::format("x {}, y {}: ranks must be equal and at least 1",
                         shapeText(x.shape), shapeText(y.shape));
    for (size_t i = 0; i + 1 < rank; ++i)
      if (x.shape[i] != y.shape[i])
        return fmt::format("batch dimension {}: x is {}, y is {}", i,
                           x.shape[i], y.shape[i]);
  }
  if (error.empty() && (x.type != DType::F32 || y.type != DType::F32))
    error = fmt::format("types {} -> {} must be f32 -> f32", nameOf(x.type),
                        nameOf(y.type));
  return error;
}

namespace {
std::string checkArrayNumber(const Command &command) {
  int64_t array = command.intOr("array", -1);
  if (array < 0 || array > kMaxArray)
    return fmt::format("attribute 'array': {} is no array number", array);
  return {};
}

std::string checkReads(const Command &command, int64_t fallback) {
  int64_t reads = command.intOr("reads", fallback);
  if (reads < 1 || reads > 4096)
    return fmt::format("attribute 'reads': {} is not within 1 to 4096", reads);
  return {};
}
} // namespace

// read_array (C38) 1 to 4096 reads of each row.
std::string checkReadArray(const Command &command) {
  if (std::string error = checkArrayNumber(command); !error.empty())
    return error;
  return checkReads(command, 16);
}

// set_gain (C39) a known kind.
std::string checkSetGain(const Command &command) {
  if (std::string error = checkArrayNumber(command); !error.empty())
    return error;
  std::string_view kind = command.textOr("kind", "");
  if (kind != "global" && kind != "column")
    return fmt::format("attribute 'kind': '{}' is neither global nor column",
                       kind);
  return {};
}

// program_array (C14) w[K,N] f32; one scale, or one for each column, finite
// and positive.
std::string checkProgramArray(const Command &command) {
  const View &w = command.ins[0];
  if (w.shape.size() != 2 || w.type != DType::F32)
    return fmt::format("w: {} {} must be f32 of rank 2", nameOf(w.type),
                       shapeText(w.shape));
  if (std::string error = nonEmpty(command); !error.empty())
    return error;
  int64_t array = command.intOr("array", -1);
  if (array < 0 || array > kMaxArray)
    return fmt::format("attribute 'array': {} is no array number", array);
  const std::vector<double> &scales = command.floats("scale");
  if (scales.size() != 1 && int64_t(scales.size()) != w.shape[1])
    return fmt::format("attribute 'scale': {} values for {} columns",
                       scales.size(), w.shape[1]);
  for (double scale : scales)
    if (!std::isfinite(scale) || scale <= 0)
      return "attribute 'scale': must be finite and positive";
  return {};
}

// pulsed_update (C11), (C40) x[B…,K] and d[B…,N] with equal batch extents, f32;
// (C41) lr once: a finite attribute, or an operand of one f32.
std::string checkPulsedUpdate(const Command &command) {
  std::string error = checkTiles(command);
  if (error.empty())
    error = flags(command, {"ideal"});
  if (error.empty())
    error = nonEmpty(command);
  if (!error.empty())
    return error;
  const View &x = command.ins[0], &d = command.ins[1];
  size_t rank = x.shape.size();
  if (rank == 0 || d.shape.size() != rank)
    return fmt::format("x {}, d {}: ranks must be equal and at least 1",
                       shapeText(x.shape), shapeText(d.shape));
  for (size_t i = 0; i + 1 < rank; ++i)
    if (x.shape[i] != d.shape[i])
      return fmt::format("batch dimension {}: x is {}, d {}", i, x.shape[i],
                         d.shape[i]);
  if (x.type != DType::F32 || d.type != DType::F32)
    return fmt::format("x and d are {} and {}, must be f32", nameOf(x.type),
                       nameOf(d.type));
  bool isOperand = command.ins.size() == 3;
  if (bool(command.find("learning_rate")) == isOperand)
    return isOperand ? "has lr as an operand and attribute 'learning_rate'"
                     : "lacks lr: neither a third operand nor attribute "
                       "'learning_rate'";
  if (!isOperand) {
    if (!std::isfinite(command.floatOr("learning_rate", 0)))
      return "attribute 'learning_rate': must be finite";
    return {};
  }
  const View &lr = command.ins[2];
  if (lr.type != DType::F32 || numElements(lr) != 1)
    return fmt::format("lr: {} {} must be one f32", nameOf(lr.type),
                       shapeText(lr.shape));
  return {};
}

// refresh_pairs (C43) parts within 0 to 1, trains of 0 to 65535 pulses.
std::string checkRefreshPairs(const Command &command) {
  if (std::string error = checkArrayNumber(command); !error.empty())
    return error;
  for (const char *name : {"lower", "upper"})
    if (double part = command.floatOr(name, 0); !(part >= 0 && part <= 1))
      return fmt::format("attribute '{}': {} is not within 0 to 1", name, part);
  if (int64_t pulses = command.intOr("pulses", 0); pulses < 0 || pulses > 65535)
    return fmt::format("attribute 'pulses': {} is not within 0 to 65535",
                       pulses);
  return {};
}

// read_weights (C11), (C42) w[K,N] f32; (C38) 1 to 4096 reads of each row.
std::string checkReadWeights(const Command &command) {
  std::string error = checkTiles(command);
  if (error.empty())
    error = flags(command, {"ideal"});
  if (error.empty())
    error = nonEmpty(command);
  if (error.empty())
    error = checkReads(command, 1);
  const View &w = command.outs[0];
  if (error.empty() && (w.shape.size() != 2 || w.type != DType::F32))
    error = fmt::format("w: {} {} must be f32 of rank 2", nameOf(w.type),
                        shapeText(w.shape));
  return error;
}

} // namespace hybridc::stream::checks
