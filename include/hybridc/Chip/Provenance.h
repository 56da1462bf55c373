//===- Provenance.h - What a chip's figures rest on -----------*- C++ -*-===//
//
// A description says of its fields where they were read (`sources`) and what
// they rest on (`provenance`). Here: which fields lack that, and which fields
// a time or an energy of cost() is computed from, so that a report can say
// what its totals rest on. docs/Targets.md lists the meaning of each status.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_CHIP_PROVENANCE_H
#define HYBRIDC_CHIP_PROVENANCE_H

#include "hybridc/Chip/Chip.h"
#include "hybridc/Chip/Work.h"

#include <string>
#include <string_view>
#include <vector>

namespace hybridc::chip {

/// From firm to weak; a total is as weak as the weakest field in it.
enum class Trust : uint8_t {
  Published,  ///< read in the named source
  Vendor,     ///< a vendor's own figure
  Derived,    ///< computed from published figures
  Chosen,     ///< a size of a chip that nobody built: nothing to verify
  Default,    ///< left at the default of the schema
  Unverified, ///< an estimate, or remembered
  Unstated,   ///< the description says nothing about it
};
std::string_view nameOf(Trust trust);

/// Whether a total that rests on it cannot be relied on.
inline bool isUnverified(Trust trust) { return trust >= Trust::Default; }

/// What the field at `path` rests on. A field without an entry that has the
/// schema's default value is Default, or Published where the default is itself
/// a published figure (`thermal`: HotSpot's package).
Trust trustOf(const Chip &chip, std::string_view path);

/// Paths of the fields of `chip` that are given a value of their own, without
/// an entry in `sources` or `provenance` for them or a section around them.
/// Names and descriptions need none.
std::vector<std::string> fieldsWithoutProvenance(const Chip &chip);

/// The fields from which cost() computes the energy of `component` for work of
/// this kind, engine and format; empty when it takes part in none. With
/// `cellsOfData`, those that a run computes the energy of cells from.
std::vector<std::string> energyFields(const Chip &chip, WorkKind kind,
                                      std::string_view engine,
                                      std::string_view format,
                                      Component component,
                                      bool cellsOfData = false);

/// The fields from which cost() and the clock compute its time.
std::vector<std::string> timeFields(const Chip &chip, WorkKind kind,
                                    std::string_view engine,
                                    std::string_view format);

} // namespace hybridc::chip

#endif // HYBRIDC_CHIP_PROVENANCE_H
