//===- Disassemble.cpp - A command stream as text -------------------------===//
#include "hybridc/Stream/Disassemble.h"

#include "hybridc/Stream/CommandSpec.h"
#include "hybridc/Stream/Serialize.h"
#include "hybridc/Stream/VecIsa.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hybridc::stream {

namespace {

/// In double quotes, everything printable on one line.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", static_cast<char>(c));
    else if (c < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", c);
    else
      out += static_cast<char>(c);
  }
  return out + "\"";
}

/// " + 64*i0 - 4*i1", nothing where the factor is zero.
std::string steps(const std::vector<int64_t> &factors, size_t outermost = 0) {
  std::string out;
  for (size_t i = 0; i < factors.size(); ++i) {
    if (factors[i] == 0)
      continue;
    uint64_t size = factors[i] < 0 ? -static_cast<uint64_t>(factors[i])
                                   : static_cast<uint64_t>(factors[i]);
    out += fmt::format(" {} {}*i{}", factors[i] < 0 ? '-' : '+', size,
                       outermost + i);
  }
  return out;
}

std::string typeText(const View &view) {
  std::string out;
  for (int64_t extent : view.shape)
    out += fmt::format("{}x", extent);
  return out + std::string(nameOf(view.type));
}

std::string attrText(const Attr &attr) {
  switch (attr.kind) {
  case AttrKind::Ints:
    return attr.ints.size() == 1
               ? fmt::format("{} = {}", attr.name, attr.ints[0])
               : fmt::format("{} = [{}]", attr.name,
                             fmt::join(attr.ints, ", "));
  case AttrKind::Floats:
    return attr.floats.size() == 1
               ? fmt::format("{} = {}", attr.name, attr.floats[0])
               : fmt::format("{} = [{}]", attr.name,
                             fmt::join(attr.floats, ", "));
  case AttrKind::Text:
    break;
  }
  return fmt::format("{} = {}", attr.name, quoted(attr.text));
}

std::string listText(const std::vector<View> &views) {
  std::string out;
  for (const View &view : views)
    out += fmt::format("{}{}", out.empty() ? "" : ", ", toText(view));
  return out;
}

/// A constant as a number of its type.
std::string constantText(DType type, uint64_t bits) {
  switch (type) {
  case DType::F32: {
    float value;
    auto low = static_cast<uint32_t>(bits);
    std::memcpy(&value, &low, sizeof(value));
    return fmt::format("{}", value);
  }
  case DType::F64: {
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    return fmt::format("{}", value);
  }
  case DType::F16:
  case DType::BF16:
    return fmt::format("{:#06x}", bits);
  case DType::I8:
    return fmt::format("{}", static_cast<int8_t>(bits));
  case DType::I16:
    return fmt::format("{}", static_cast<int16_t>(bits));
  case DType::I32:
    return fmt::format("{}", static_cast<int32_t>(bits));
  case DType::I64:
    return fmt::format("{}", static_cast<int64_t>(bits));
  default:
    return fmt::format("{}", bits);
  }
}

class Printer {
public:
  explicit Printer(const Program &program) : program(program) {}

  std::string run() {
    line("program {} for {}, precision {}, format {}.{}", quoted(program.model),
         quoted(program.target), quoted(program.precision), kFormatMajor,
         kFormatMinor);
    line("dram {} bytes, sram {} bytes (at least {} live)", program.dramBytes,
         program.sramBytes, program.sramLowerBoundBytes);
    static constexpr const char *kKinds[] = {"scratch", "constant", "state"};
    for (const DramSegment &s : program.segments) {
      auto kind = static_cast<size_t>(s.kind);
      line("{} {} at {:#x}, {} bytes{}", kind < 3 ? kKinds[kind] : "?",
           quoted(s.name), s.address, s.bytes,
           s.blob < 0 ? "" : fmt::format(", blob {}", s.blob));
    }
    for (size_t i = 0; i < program.arrays.size(); ++i)
      array(i);
    if (program.horizon_s > 0)
      line("horizon {} s", program.horizon_s);
    for (const Recalibration &r : program.recalibrations)
      line("entry {} again at {} s", quoted(r.entry), fmt::join(r.at_s, ", "));
    if (!program.faults.empty()) {
      line("faults {{");
      std::string_view rest = program.faults;
      ++depth;
      while (!rest.empty()) {
        size_t end = std::min(rest.find('\n'), rest.size());
        std::string shown(rest.substr(0, end));
        std::replace_if(
            shown.begin(), shown.end(),
            [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
        line("{}", shown);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
      --depth;
      line("}}");
    }
    for (size_t i = 0; i < program.vecPrograms.size(); ++i) {
      text += fmt::format("\nvec program {} ", i);
      text += toText(program.vecPrograms[i]);
    }
    for (const Entry &entry : program.entries) {
      text += '\n';
      line("entry {}", quoted(entry.name));
      depth = 1;
      for (const Binding &b : entry.inputs)
        line("input {}: {}", quoted(b.name), toText(b.view));
      for (const Binding &b : entry.outputs)
        line("output {}: {}", quoted(b.name), toText(b.view));
      block(entry.body);
      depth = 0;
    }
    return std::move(text);
  }

private:
  template <typename... Args>
  void line(fmt::format_string<Args...> format, Args &&...args) {
    text.append(2 * depth, ' ');
    fmt::format_to(std::back_inserter(text), format,
                   std::forward<Args>(args)...);
    text += '\n';
  }

  void array(size_t index) {
    const ArrayTile &a = program.arrays[index];
    std::string cells = a.cellBits == 0 ? "analog cells"
                                        : fmt::format("{} slices of {} bits",
                                                      a.slices, a.cellBits);
    line("array {} {}: {} {}, {}x{}, {}, {}{}", index, quoted(a.name), a.engine,
         a.physical, a.rows, a.cols, cells,
         a.mapping == 0 ? "differential" : "offset", comment(a.origin));
    if (a.rowMap.empty())
      return;
    ++depth;
    line("rows at {}", ranges(a.rowMap));
    line("columns at {}", ranges(a.colMap));
    std::vector<uint32_t> negated;
    for (uint32_t n = 0; n < a.flipped.size(); ++n)
      if (a.flipped[n])
        negated.push_back(n);
    if (!negated.empty())
      line("negated columns {}", ranges(negated));
    --depth;
  }

  /// "0-6, 8-9, 7"
  static std::string ranges(const std::vector<uint32_t> &values) {
    std::string out;
    for (size_t i = 0; i < values.size();) {
      size_t end = i + 1;
      while (end < values.size() && values[end] == values[end - 1] + 1)
        ++end;
      out += fmt::format("{}{}", out.empty() ? "" : ", ", values[i]);
      if (end - i > 1)
        out += fmt::format("-{}", values[end - 1]);
      i = end;
    }
    return out;
  }

  /// "  // node [group]"
  std::string comment(uint32_t origin) const {
    if (origin >= program.origins.size() ||
        program.origins[origin].node.empty())
      return {};
    return fmt::format("  // {}", quoted(program.origins[origin].node));
  }

  void block(const Block &b) {
    for (const Node &node : b.nodes) {
      if (auto *segment = std::get_if<Segment>(&node.node))
        this->segment(*segment);
      else if (auto *branch = std::get_if<If>(&node.node))
        this->branch(*branch);
      else
        loop(*std::get_if<Loop>(&node.node));
    }
  }

  void branch(const If &b) {
    line("if {} {{{}", toText(b.condition), comment(b.origin));
    nested(b.thenBlock);
    line("}} else {{");
    nested(b.elseBlock);
    line("}}");
  }

  void loop(const Loop &l) {
    std::string limits = fmt::format("{}", l.maxTrips);
    for (const View &view : l.tripCount)
      limits += fmt::format(", at most {}", toText(view));
    for (const View &view : l.condition)
      limits += fmt::format(", while {}", toText(view));
    line("loop i{} < {} {{{}", loops, limits, comment(l.origin));
    ++loops;
    nested(l.body);
    --loops;
    line("}}");
  }

  void nested(const Block &b) {
    ++depth;
    block(b);
    --depth;
  }

  void segment(const Segment &s) {
    line("segment, {} semaphores", s.numSemaphores);
    ++depth;
    blockLoops = loops;
    for (const Queue &queue : s.queues) {
      line("queue {}", queue.engine);
      items(queue.items);
    }
    --depth;
  }

  void items(const std::vector<Item> &list) {
    ++depth;
    for (const Item &item : list) {
      if (auto *repeat = std::get_if<Repeat>(&item.node)) {
        line("repeat i{} < {} {{", loops, repeat->count);
        ++loops;
        items(repeat->body);
        --loops;
        line("}}");
        continue;
      }
      const Command &command = *std::get_if<Command>(&item.node);
      std::string order;
      for (const Wait &w : command.waits)
        order += fmt::format(" wait #{} >= {}{}", w.id, w.value,
                             steps(w.steps, blockLoops));
      for (uint32_t id : command.signals)
        order += fmt::format(" signal #{}", id);
      line("{}{}{}", toText(command), order, comment(command.origin));
    }
    --depth;
  }

  const Program &program;
  std::string text;
  size_t depth = 0;
  size_t loops = 0, blockLoops = 0; ///< around the current line; of blocks
};

} // namespace

std::string toText(const View &view) {
  std::string out =
      fmt::format("{}[{:#x}{}] {}", view.space == Space::Dram ? "dram" : "sram",
                  view.address, steps(view.steps), typeText(view));
  if (view.strides != rowMajorStrides(view.shape))
    out += fmt::format(" strides [{}]", fmt::join(view.strides, ", "));
  return out;
}

std::string toText(const Command &command) {
  std::string out(static_cast<unsigned>(command.op) < kNumOps
                      ? specOf(command.op).name
                      : "?");
  std::string attrs;
  for (const Attr &attr : command.attrs)
    attrs += fmt::format("{}{}", attrs.empty() ? "" : ", ", attrText(attr));
  if (!attrs.empty())
    out += fmt::format(" {{{}}}", attrs);
  if (!command.ins.empty())
    out += fmt::format(" {}", listText(command.ins));
  if (!command.outs.empty())
    out += fmt::format(" -> {}", listText(command.outs));
  return out;
}

std::string toText(const VecProgram &program) {
  std::string out =
      fmt::format("{}, {} inputs, {} outputs {{\n", quoted(program.name),
                  program.numIns, program.numOuts);
  auto registerText = [&](uint16_t number) {
    return number < program.registers.size()
               ? fmt::format("r{}:{}", number,
                             nameOf(program.registers[number]))
               : fmt::format("r{}:?", number);
  };
  for (const VecInstr &instr : program.instrs) {
    if (instr.op >= kNumVecOps) {
      out += fmt::format("  ? {}\n", instr.op);
      continue;
    }
    auto op = static_cast<VecOp>(instr.op);
    const VecOpInfo &info = infoOf(op);
    out += "  ";
    if (info.writesRegister)
      out += fmt::format("{} = ", registerText(instr.dst));
    out += info.name;
    if (op == VecOp::Const)
      out += fmt::format(" {}", constantText(instr.type, instr.imm));
    else if (op == VecOp::Load || op == VecOp::Store || op == VecOp::Index)
      out += fmt::format(" {}", instr.imm);
    const uint16_t regs[3] = {instr.a, instr.b, instr.c};
    for (unsigned i = 0; i < info.numOperands; ++i)
      out += fmt::format("{} r{}", i == 0 && op != VecOp::Store ? "" : ",",
                         regs[i]);
    out += '\n';
  }
  return out + "}\n";
}

std::string disassemble(const Program &program) {
  return Printer(program).run();
}

} // namespace hybridc::stream
