//===- HoverRelay.h - Adds an op's page to hovers -------------*- C++ -*-===//
#ifndef HYBRIDC_TOOLS_HYBRID_LSP_SERVER_HOVERRELAY_H
#define HYBRIDC_TOOLS_HYBRID_LSP_SERVER_HOVERRELAY_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace hybridc::lsp {

/// The section of docs/*Ops.md about an op, markdown; empty for ops of others.
llvm::StringRef pageOf(llvm::StringRef op);

/// `body`, the JSON of an answer to a hover: with the op's page, if it is about
/// an op that has one, else as it is.
std::string withPage(std::string body);

/// Runs `serve` in a process of its own and relays the frames of the language
/// server protocol between it and this one's stdin and stdout. Returns the exit
/// code of `serve`.
int relay(llvm::function_ref<int()> serve);

} // namespace hybridc::lsp

#endif // HYBRIDC_TOOLS_HYBRID_LSP_SERVER_HOVERRELAY_H
