//===- Bind.h - Tensors for the edges of an entry ---------------*- C++ -*-===//
#ifndef HYBRIDC_STUDIES_BIND_H
#define HYBRIDC_STUDIES_BIND_H

#include "hybridc/Executor/Executor.h"
#include "hybridc/IO/Tensors.h"
#include "hybridc/Support/Result.h"

#include <string>
#include <vector>

namespace hybridc::studies {

using namespace io;

/// The entry, or an error that names those that there are.
Result<const stream::Entry *> findEntry(const stream::Program &program,
                                        const std::string &entry);

/// Sets every input of the entry. Errors name what is missing or too much.
Status setInputs(exec::Executor &executor, const stream::Entry &entry,
                 const std::vector<NamedTensor> &inputs);
Result<std::vector<NamedTensor>> getOutputs(const exec::Executor &executor,
                                            const stream::Entry &entry);

} // namespace hybridc::studies

#endif // HYBRIDC_STUDIES_BIND_H
