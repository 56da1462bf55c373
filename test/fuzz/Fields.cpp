//===- Fields.cpp ---------------------------------------------------------===//
#include "Fields.h"

#include <limits>
#include <type_traits>
#include <utility>

namespace hybridc::stream::fuzz {

uint64_t interesting(uint64_t now, Random &random) {
  switch (random() % 12) {
  case 0:
    return 0;
  case 1:
    return 1;
  case 2:
    return now + 1;
  case 3:
    return now - 1;
  case 4:
    return ~uint64_t(0);
  case 5:
    return uint64_t(1) << (random() % 64);
  case 6:
    return (uint64_t(1) << (random() % 64)) - 1;
  case 7:
    return ~(uint64_t(1) << (random() % 64));
  case 8:
    return now * 2;
  case 9:
    return now / 2;
  case 10:
    return now ^ (uint64_t(1) << (random() % 64));
  default:
    return random() % 256;
  }
}

namespace {

class Collector {
public:
  std::vector<Change> changes;

  template <typename T>
    requires std::is_integral_v<T> || std::is_enum_v<T>
  void field(T &value) {
    changes.push_back([&value](Random &random) {
      value = static_cast<T>(interesting(static_cast<uint64_t>(value), random));
    });
  }

  void field(double &value) {
    changes.push_back([&value](Random &random) {
      static constexpr double kValues[] = {
          0,
          -0.0,
          -1,
          1e-320,
          1e308,
          std::numeric_limits<double>::infinity(),
          std::numeric_limits<double>::quiet_NaN()};
      value = kValues[random() % std::size(kValues)];
    });
  }

  void field(std::string &value) {
    changes.push_back([&value](Random &random) {
      if (value.empty() || random() % 4 == 0)
        value += static_cast<char>(random());
      else
        value[random() % value.size()] = static_cast<char>(random());
    });
  }

  template <typename T> void field(std::vector<T> &list) {
    changes.push_back([&list](Random &random) {
      size_t at = list.empty() ? 0 : random() % list.size();
      auto where = list.begin() + static_cast<ptrdiff_t>(at);
      switch (random() % 4) {
      case 0:
        if (!list.empty())
          list.erase(where);
        return;
      case 1:
        if (!list.empty())
          list.push_back(T(list[at]));
        else
          list.emplace_back();
        return;
      case 2:
        if (!list.empty())
          std::swap(list[at], list[random() % list.size()]);
        return;
      default:
        list.insert(where, T());
      }
    });
    for (T &element : list)
      field(element);
  }

  void field(View &v) {
    all(v.space, v.type, v.address, v.shape, v.strides, v.steps);
  }
  void field(Attr &a) { all(a.name, a.kind, a.ints, a.floats, a.text); }
  void field(Wait &w) { all(w.id, w.value, w.steps); }
  void field(Command &c) {
    all(c.op, c.ins, c.outs, c.attrs, c.waits, c.signals, c.origin);
  }
  void field(Repeat &r) { all(r.count, r.body); }
  void field(Item &i) {
    std::visit([this](auto &node) { field(node); }, i.node);
  }
  void field(Queue &q) { all(q.engine, q.items); }
  void field(Segment &s) { all(s.queues, s.numSemaphores); }
  void field(If &i) { all(i.condition, i.thenBlock, i.elseBlock, i.origin); }
  void field(Loop &l) {
    all(l.maxTrips, l.tripCount, l.condition, l.body, l.origin);
  }
  void field(Node &n) {
    std::visit([this](auto &node) { field(node); }, n.node);
  }
  void field(Block &b) { field(b.nodes); }
  void field(Binding &b) { all(b.name, b.view); }
  void field(Entry &e) { all(e.name, e.inputs, e.outputs, e.body); }
  void field(DramSegment &s) {
    all(s.name, s.kind, s.address, s.bytes, s.blob);
  }
  void field(VecInstr &i) { all(i.op, i.type, i.dst, i.a, i.b, i.c, i.imm); }
  void field(VecProgram &v) {
    all(v.name, v.numIns, v.numOuts, v.registers, v.instrs);
  }
  void field(ArrayTile &a) {
    all(a.name, a.engine, a.rows, a.cols, a.slices, a.cellBits, a.mapping,
        a.physical, a.origin, a.rowMap, a.colMap, a.flipped);
  }
  void field(Recalibration &r) { all(r.entry, r.at_s); }
  void field(Origin &o) { all(o.node, o.estimatedLatency_ns); }
  void field(Program &p) {
    all(p.dramBytes, p.sramBytes, p.sramLowerBoundBytes, p.segments,
        p.vecPrograms, p.arrays, p.origins, p.entries, p.chipYaml, p.faults,
        p.horizon_s, p.recalibrations);
  }

private:
  template <typename... Fields> void all(Fields &...fields) {
    (field(fields), ...);
  }
};

} // namespace

std::vector<Change> changesOf(Program &program) {
  Collector collector;
  collector.field(program);
  return std::move(collector.changes);
}

} // namespace hybridc::stream::fuzz
