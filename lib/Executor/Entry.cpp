//===- Entry.cpp - An entry and the tensors at its edges ------------------===//
#include "Entry.h"

#include "hybridc/Kernels/Common.h"

#include <cstring>
#include <fmt/format.h>

namespace hybridc::exec {

using stream::Binding;

Result<Entry> Entry::create(const stream::Entry &entry, const Memory &memory) {
  Entry own;
  own.name = entry.name;
  own.inputs = entry.inputs;
  own.outputs = entry.outputs;
  for (const Binding &binding : entry.inputs) {
    Result<std::byte *> host = memory.resolve(binding.view, {}, true);
    if (!host)
      return host.error();
    own.inputData.push_back(*host);
  }
  for (const Binding &binding : entry.outputs) {
    Result<std::byte *> host = memory.resolve(binding.view, {}, false);
    if (!host)
      return host.error();
    own.outputData.push_back(*host);
  }
  for (const auto *bindings : {&entry.inputs, &entry.outputs})
    for (const Binding &binding : *bindings)
      if (!isDense(binding.view))
        return invalidInput(fmt::format("entry '{}': '{}' is not dense",
                                        entry.name, binding.name));
  return own;
}

Result<Entry::Place> Entry::find(std::string_view wanted, bool isInput) const {
  const auto &bindings = isInput ? inputs : outputs;
  std::string known;
  for (size_t i = 0; i < bindings.size(); ++i) {
    if (bindings[i].name == wanted)
      return Place{bindings[i].view, (isInput ? inputData : outputData)[i]};
    known += (i ? ", '" : "'") + bindings[i].name + "'";
  }
  return invalidInput(fmt::format("there is no {} '{}'; there is {}",
                                  isInput ? "input" : "output", wanted,
                                  known.empty() ? std::string("none") : known));
}

static size_t bytesOf(const View &view) {
  return stream::numElements(view) * stream::sizeOf(view.type);
}

Status Entry::checkInput(std::string_view wanted, const Tensor &tensor) const {
  Result<Place> place = find(wanted, /*isInput=*/true);
  if (!place)
    return place.error();
  const View &view = place->view;
  View given;
  given.type = tensor.type;
  given.shape = tensor.shape;
  if (given.type != view.type || given.shape != view.shape)
    return invalidInput(fmt::format("input '{}' is {}, must be {}", wanted,
                                    describe(given), describe(view)));
  return {};
}

Status Entry::setInput(std::string_view wanted, const void *data,
                       size_t bytes) const {
  Result<Place> place = find(wanted, /*isInput=*/true);
  if (!place)
    return place.error();
  if (size_t expected = bytesOf(place->view); bytes != expected)
    return invalidInput(fmt::format("input '{}': {} bytes given for {}, which "
                                    "takes {}",
                                    wanted, bytes, describe(place->view),
                                    expected));
  if (bytes)
    std::memcpy(place->data, data, bytes);
  return {};
}

Result<Tensor> Entry::output(std::string_view wanted) const {
  Result<Place> place = find(wanted, /*isInput=*/false);
  if (!place)
    return place.error();
  Tensor tensor;
  tensor.type = place->view.type;
  tensor.shape = place->view.shape;
  tensor.bytes.assign(place->data, place->data + bytesOf(place->view));
  return tensor;
}

Status Entry::copyOutput(std::string_view wanted, void *data,
                         size_t bytes) const {
  Result<Place> place = find(wanted, /*isInput=*/false);
  if (!place)
    return place.error();
  if (size_t expected = bytesOf(place->view); bytes != expected)
    return invalidInput(fmt::format("output '{}': room for {} bytes, {} takes "
                                    "{}",
                                    wanted, bytes, describe(place->view),
                                    expected));
  if (bytes)
    std::memcpy(data, place->data, bytes);
  return {};
}

const void *Entry::outputAt(std::string_view wanted) const {
  for (size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i].name == wanted)
      return outputData[i];
  return nullptr;
}

} // namespace hybridc::exec
