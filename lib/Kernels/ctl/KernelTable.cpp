//===- KernelTable.cpp - One row for each named kernel --------------------===//
#include "Ctl.h"

#include <algorithm>
#include <fmt/format.h>

namespace hybridc::exec {

const std::vector<KernelSpec> &kernelSpecs() {
  static const std::vector<KernelSpec> specs = [] {
    std::vector<KernelSpec> rows;
    ctl::addTopK(rows);
    ctl::addScatter(rows);
    ctl::addGatherNd(rows);
    ctl::addResize(rows);
    ctl::addPad(rows);
    ctl::addPoolIndices(rows);
    ctl::addSequence(rows);
    ctl::addObserve(rows);
    ctl::addRefuse(rows);
    std::sort(rows.begin(), rows.end(),
              [](const KernelSpec &a, const KernelSpec &b) {
                return a.name < b.name;
              });
    return rows;
  }();
  return specs;
}

const KernelSpec *findKernel(std::string_view name) {
  for (const KernelSpec &spec : kernelSpecs())
    if (spec.name == name)
      return &spec;
  return nullptr;
}

static std::string checkAttr(const KernelSpec &spec, const stream::Attr &attr) {
  if (attr.name == "name")
    return {};
  for (const KernelAttr &known : spec.attrs)
    if (known.name == attr.name)
      return known.kind == attr.kind
                 ? std::string()
                 : fmt::format("attribute '{}': wrong kind of value",
                               attr.name);
  return fmt::format("has no attribute '{}'", attr.name);
}

std::string checkKernel(const Command &command) {
  std::string_view name = command.textOr("name", "");
  const KernelSpec *spec = findKernel(name);
  if (!spec)
    return fmt::format("there is no kernel '{}'", name);
  auto fail = [&](const std::string &why) {
    return fmt::format("kernel '{}': {}", name, why);
  };
  if (command.ins.size() != spec->numIns ||
      command.outs.size() != spec->numOuts)
    return fail(fmt::format("takes {} inputs and {} outputs, has {} and {}",
                            spec->numIns, spec->numOuts, command.ins.size(),
                            command.outs.size()));
  for (const stream::Attr &attr : command.attrs)
    if (std::string error = checkAttr(*spec, attr); !error.empty())
      return fail(error);
  for (const KernelAttr &attr : spec->attrs)
    if (attr.required && !command.find(attr.name))
      return fail(
          fmt::format("lacks attribute '{}' ({})", attr.name, attr.doc));
  for (const View &view : command.outs)
    for (size_t d = 0; d < view.shape.size(); ++d)
      if (view.strides[d] == 0 && view.shape[d] > 1)
        return fail("an output repeats elements (stride 0)");
  std::string error = spec->check(command);
  return error.empty() ? error : fail(error);
}

} // namespace hybridc::exec
