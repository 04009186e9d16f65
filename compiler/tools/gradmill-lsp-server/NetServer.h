// The language server for the text of a net.
#pragma once
#include "compiler/plugin/Host.h"

namespace gradmill::lsp {

/// Serves one editor over standard input and output until it says `exit` or the
/// input ends. Returns the exit status: 0 if it said `shutdown` first.
int serveNets(Host &host, bool isTest);

} // namespace gradmill::lsp
