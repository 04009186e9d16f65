#include "OpPages.h"

static const char page[] = {
#embed GRADMILL_DIALECT_PAGE
    , 0};

const char *const gradmill::lsp::kDialectPage = page;
