//===- Bind.cpp - Tensors for the edges of an entry -----------------------===//
#include "hybridc/Studies/Bind.h"

#include "hybridc/Support/Process.h"

#include <fmt/format.h>

#include <algorithm>

using namespace hybridc;
using namespace hybridc::studies;

Result<const stream::Entry *> studies::findEntry(const stream::Program &program,
                                                 const std::string &name) {
  if (const stream::Entry *entry = program.findEntry(name))
    return entry;
  std::string known;
  for (const stream::Entry &entry : program.entries)
    known += (known.empty() ? "" : ", ") + entry.name;
  return usage(fmt::format("--entry {}: the program has no such entry; it has "
                           "{}",
                           name, known));
}

Status studies::setInputs(exec::Executor &executor, const stream::Entry &entry,
                          const std::vector<NamedTensor> &inputs) {
  std::vector<bool> isSet(entry.inputs.size());
  for (const NamedTensor &input : inputs) {
    size_t at = 0;
    while (at < entry.inputs.size() && entry.inputs[at].name != input.name)
      ++at;
    // Unnamed, or named otherwise than the model does: the file's number.
    if (at == entry.inputs.size() && input.position >= 0)
      at = std::min(at, size_t(input.position));
    if (at == entry.inputs.size()) {
      std::string known;
      for (const stream::Binding &binding : entry.inputs)
        known += fmt::format("{}'{}'", known.empty() ? "" : ", ", binding.name);
      return invalidInput(fmt::format(
          "{}: the program has no input '{}'; it has {}", input.source,
          input.name, known.empty() ? "none" : known));
    }
    const stream::Binding &binding = entry.inputs[at];
    if (Status status = checkNumbers(
            input,
            fmt::format("input '{}' is {}", binding.name,
                        typeText(binding.view.type, binding.view.shape)));
        !status)
      return status;
    const exec::Tensor *tensor = &input.tensor;
    exec::Tensor converted;
    if (binding.view.type == stream::DType::BF16 &&
        tensor->type == stream::DType::F32) {
      converted = convertFloat(*tensor, stream::DType::BF16);
      tensor = &converted;
    }
    if (tensor->type != binding.view.type ||
        tensor->shape != binding.view.shape)
      return invalidInput(fmt::format(
          "{}: input '{}' is {}, the program takes {}", input.source,
          binding.name, typeText(tensor->type, tensor->shape),
          typeText(binding.view.type, binding.view.shape)));
    if (isSet[at])
      return invalidInput(fmt::format("{}: input '{}' is given twice",
                                      input.source, binding.name));
    isSet[at] = true;
    if (Status status = executor.setInput(binding.name, *tensor, entry.name);
        !status)
      return status;
  }
  std::string missing;
  for (size_t i = 0; i < isSet.size(); ++i)
    if (!isSet[i])
      missing += fmt::format(
          "{}'{}' ({})", missing.empty() ? "" : ", ", entry.inputs[i].name,
          typeText(entry.inputs[i].view.type, entry.inputs[i].view.shape));
  if (missing.empty())
    return {};
  return Error{ExitCode::InvalidInput,
               "no value for input " + missing +
                   "; --inputs FILE.npz gives it, --values off runs without"};
}

Result<std::vector<NamedTensor>>
studies::getOutputs(const exec::Executor &executor,
                    const stream::Entry &entry) {
  if (Status status = checkInputFiles(); !status)
    return status.error();
  std::vector<NamedTensor> outputs;
  for (const stream::Binding &binding : entry.outputs) {
    auto tensor = executor.output(binding.name, entry.name);
    if (!tensor)
      return tensor.error();
    outputs.push_back({binding.name, std::move(*tensor), -1, {}});
  }
  return outputs;
}
