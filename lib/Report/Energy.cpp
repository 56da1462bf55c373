//===- Energy.cpp - Where the energy goes, and what that rests on ---------===//
#include "Energy.h"

#include <algorithm>
#include <map>
#include <set>

namespace hybridc::report {
namespace {

using chip::Component;
using chip::Trust;
using exec::Energies;

double &part(Energies &energies, Component component) {
  return energies[static_cast<size_t>(component)];
}

/// Parts of one engine; the others serve all of them.
bool belongsToEngine(Component component) {
  switch (component) {
  case Component::Dram:
  case Component::Sram:
  case Component::Link:
  case Component::Ctl:
  case Component::Leakage:
    return false;
  default:
    return true;
  }
}

/// What is looked up once for each field, however many rows it is in.
class TrustOfFields {
public:
  explicit TrustOfFields(const chip::Chip &chip) : chip(chip) {}

  Trust operator()(const std::string &field) {
    auto [it, isNew] = known.try_emplace(field, Trust::Published);
    if (isNew)
      it->second = chip::trustOf(chip, field);
    return it->second;
  }
  Trust weakestOf(const std::vector<std::string> &fields) {
    Trust weakest = Trust::Published;
    for (const std::string &field : fields)
      weakest = std::max(weakest, (*this)(field));
    return weakest;
  }

private:
  const chip::Chip &chip;
  std::map<std::string, Trust> known;
};

void add(std::vector<std::string> &fields,
         const std::vector<std::string> &more) {
  for (const std::string &field : more)
    if (std::find(fields.begin(), fields.end(), field) == fields.end())
      fields.push_back(field);
}

void addRow(EnergyRollups &rollups, EnergyRow row) {
  for (EnergyRow &other : rollups.rows)
    if (other.component == row.component && other.engine == row.engine &&
        other.format == row.format) {
      other.energy_pj += row.energy_pj;
      add(other.fields, row.fields);
      return;
    }
  rollups.rows.push_back(std::move(row));
}

std::vector<EnergyRow> componentRows(const exec::ClockResult &clock,
                                     const chip::Chip &chip) {
  EnergyRollups rollups;
  for (unsigned i = 0; i < chip::kNumComponents; ++i) {
    Component component = static_cast<Component>(i);
    if (component == Component::Leakage)
      continue;
    for (const exec::WorkUse &work : clock.work) {
      double energy = work.byComponent_pj[i];
      if (energy == 0)
        continue;
      EnergyRow row;
      row.component = chip::nameOf(component);
      if (belongsToEngine(component))
        row.engine = work.engine;
      if (component == Component::Mac || component == Component::Vec)
        row.format = work.format;
      row.energy_pj = energy;
      row.fields = chip::energyFields(chip, work.kind, work.engine, work.format,
                                      component, work.cellsExpected_pj > 0);
      addRow(rollups, std::move(row));
    }
  }
  double leakage = clock.energy_pj[size_t(Component::Leakage)];
  if (leakage > 0) {
    EnergyRow row;
    row.component = chip::nameOf(Component::Leakage);
    row.energy_pj = leakage;
    row.fields = chip::energyFields(chip, chip::WorkKind::Transfer, "", "",
                                    Component::Leakage);
    addRow(rollups, std::move(row));
  }
  return std::move(rollups.rows);
}

std::vector<std::string> splitAt(const std::string &text, char mark) {
  std::vector<std::string> parts;
  for (size_t begin = 0;;) {
    size_t end = text.find(mark, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos)
      return parts;
    begin = end + 1;
  }
}

bool isContraction(const std::string &op) {
  return op.find("Conv") != std::string::npos ||
         op.find("MatMul") != std::string::npos || op == "Gemm" ||
         op == "Einsum" || op.find("Attention") != std::string::npos ||
         op == "LSTM" || op == "GRU" || op == "RNN";
}

/// Rows by name, in the order of their first appearance.
class Splits {
public:
  void add(const std::string &name, const Energies &energies, double weight) {
    auto [it, isNew] = index.try_emplace(name, splits.size());
    if (isNew)
      splits.push_back({name, 0, {}});
    EnergySplit &split = splits[it->second];
    for (unsigned i = 0; i < chip::kNumComponents; ++i) {
      split.byComponent_pj[i] += energies[i] * weight;
      split.energy_pj += energies[i] * weight;
    }
  }
  std::vector<EnergySplit> finish(const Energies &leakage) {
    if (leakage[size_t(Component::Leakage)] > 0)
      add("(leakage)", leakage, 1);
    return std::move(splits);
  }

private:
  std::map<std::string, size_t> index;
  std::vector<EnergySplit> splits;
};

void addNodes(const NodeRow &row, const Energies &energies, Splits &nodes) {
  std::vector<std::string> names = splitAt(row.name, '+');
  std::vector<std::string> ops = splitAt(row.op, '+');
  std::vector<size_t> all, products, others;
  for (size_t i = 0; i < names.size(); ++i) {
    all.push_back(i);
    bool isProduct = ops.size() == names.size() && isContraction(ops[i]);
    (isProduct ? products : others).push_back(i);
  }
  for (unsigned i = 0; i < chip::kNumComponents; ++i) {
    if (energies[i] == 0)
      continue;
    Component component = static_cast<Component>(i);
    const std::vector<size_t> *to = &all;
    if (component == Component::Vec)
      to = others.empty() ? &all : &others;
    else if (belongsToEngine(component))
      to = products.empty() ? &all : &products;
    Energies one{};
    part(one, component) = energies[i];
    for (size_t node : *to)
      nodes.add(names[node], one, 1.0 / double(to->size()));
  }
}

TotalTrust trustOfTotal(std::string name, const std::set<std::string> &fields,
                        TrustOfFields &trustOf) {
  TotalTrust total;
  total.total = std::move(name);
  for (const std::string &field : fields) {
    Trust trust = trustOf(field);
    total.trust = std::max(total.trust, trust);
    if (chip::isUnverified(trust))
      total.unverified.push_back(field);
  }
  return total;
}

} // namespace

void rollUpEnergy(const exec::ClockResult &clock, const chip::Chip &chip,
                  Results &results) {
  TrustOfFields trustOf(chip);
  EnergyRollups &rollups = results.energy;
  rollups.rows = componentRows(clock, chip);
  double unverified = 0;
  std::set<std::string> energyFields, timeFields;
  for (EnergyRow &row : rollups.rows) {
    row.trust = trustOf.weakestOf(row.fields);
    if (chip::isUnverified(row.trust))
      unverified += row.energy_pj;
    energyFields.insert(row.fields.begin(), row.fields.end());
  }
  if (clock.totalEnergy_pj > 0)
    results.unverifiedEnergyShare =
        std::clamp(unverified / clock.totalEnergy_pj, 0.0, 1.0);

  Energies leakage{};
  part(leakage, Component::Leakage) =
      clock.energy_pj[size_t(Component::Leakage)];
  Splits engines, groups, nodes;
  Energies rest = clock.energy_pj; // of commands that belong to no row
  part(rest, Component::Leakage) = 0;
  for (const exec::EngineUse &use : clock.engines)
    engines.add(use.name, use.byComponent_pj, 1);
  for (const NodeRow &row : results.nodes) {
    const exec::OriginUse *use = clock.findOrigin(row.origin);
    if (!use)
      continue;
    for (unsigned i = 0; i < chip::kNumComponents; ++i)
      rest[i] -= use->byComponent_pj[i];
    groups.add(row.group.empty() ? row.name : row.group, use->byComponent_pj,
               1);
    addNodes(row, use->byComponent_pj, nodes);
  }
  double left = 0;
  for (double energy : rest)
    left += energy;
  if (left > 1e-12 * clock.totalEnergy_pj)
    for (Splits *splits : {&groups, &nodes})
      splits->add("(none)", rest, 1);
  rollups.engines = engines.finish(leakage);
  rollups.groups = groups.finish(leakage);
  rollups.nodes = nodes.finish(leakage);

  for (const exec::WorkUse &work : clock.work)
    for (std::string &field :
         chip::timeFields(chip, work.kind, work.engine, work.format))
      timeFields.insert(std::move(field));
  // Leakage is a power: its energy rests on the time, too.
  if (part(leakage, Component::Leakage) > 0)
    energyFields.insert(timeFields.begin(), timeFields.end());
  std::set<std::string> powerFields = energyFields, heatFields;
  powerFields.insert(timeFields.begin(), timeFields.end());
  heatFields = powerFields;
  for (const char *field : {"die_area_mm2", "thermal.ambient_k",
                            "thermal.r_convec", "thermal.sink_side_mm"})
    heatFields.insert(field);
  results.trust = {trustOfTotal("latency_ns", timeFields, trustOf),
                   trustOfTotal("energy_pj", energyFields, trustOf),
                   trustOfTotal("average_power_w", powerFields, trustOf),
                   trustOfTotal("peak_temperature_c", heatFields, trustOf)};
}

} // namespace hybridc::report
