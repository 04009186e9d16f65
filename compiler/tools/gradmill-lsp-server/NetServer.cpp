#include "NetServer.h"
#include "NetDocument.h"
#include "compiler/Version.h"
#include "llvm/Support/LSP/Logging.h"
#include "llvm/Support/LSP/Protocol.h"
#include "llvm/Support/LSP/Transport.h"
#include "llvm/Support/Program.h"

namespace gradmill::lsp {
namespace {

namespace protocol = llvm::lsp;
using llvm::json::Object;
using llvm::json::Value;
using protocol::Callback;

protocol::Position positionOf(Place place) {
  return {place.line, place.column};
}

protocol::CompletionItemKind kindOf(Completion::Kind kind) {
  using Kind = protocol::CompletionItemKind;
  switch (kind) {
  case Completion::Layer:
    return Kind::Class;
  case Completion::Block:
    return Kind::Function;
  case Completion::Value:
    return Kind::Variable;
  case Completion::Setting:
    return Kind::Constant;
  case Completion::Keyword:
    return Kind::Keyword;
  case Completion::Argument:
    return Kind::Property;
  }
  llvm_unreachable("all kinds have one");
}

class Server {
public:
  explicit Server(Host &host)
      : host(host) {}

  void listen(protocol::MessageHandler &handler) {
    publish = handler.outgoingNotification<protocol::PublishDiagnosticsParams>(
        "textDocument/publishDiagnostics");
    handler.method("initialize", this, &Server::initialize);
    handler.notification("initialized", this, &Server::initialized);
    handler.method("shutdown", this, &Server::shutdown);
    handler.notification("textDocument/didOpen", this, &Server::opened);
    handler.notification("textDocument/didChange", this, &Server::changed);
    handler.notification("textDocument/didClose", this, &Server::closed);
    handler.method("textDocument/hover", this, &Server::hover);
    handler.method("textDocument/completion", this, &Server::complete);
    handler.method("textDocument/inlayHint", this, &Server::inlayHints);
  }

  bool isShutDown = false;

private:
  //===-- Its life ----------------------------------------------------------===//

  void initialize(const protocol::InitializeParams &, Callback<Value> reply) {
    reply(Object{
        {"capabilities",
         Object{{"textDocumentSync",
                 Object{{"openClose", true},
                        {"change", int(protocol::TextDocumentSyncKind::Full)}}},
                {"hoverProvider", true},
                {"completionProvider",
                 Object{{"triggerCharacters", llvm::json::Array{"(", "|"}}}},
                {"inlayHintProvider", true}}},
        {"serverInfo",
         Object{{"name", "gradmill-lsp-server"}, {"version", GRADMILL_VERSION}}}});
  }
  void initialized(const protocol::InitializedParams &) {}
  void shutdown(const protocol::NoParams &, Callback<std::nullptr_t> reply) {
    isShutDown = true;
    reply(nullptr);
  }

  //===-- Texts -------------------------------------------------------------===//

  void opened(const protocol::DidOpenTextDocumentParams &p) {
    read(p.textDocument.uri, p.textDocument.text, p.textDocument.version);
  }
  void changed(const protocol::DidChangeTextDocumentParams &p) {
    if (!p.contentChanges.empty()) // each is the whole text
      read(p.textDocument.uri, p.contentChanges.back().text,
           p.textDocument.version);
  }
  void closed(const protocol::DidCloseTextDocumentParams &p) {
    documents.erase(p.textDocument.uri.file().str());
    publish(protocol::PublishDiagnosticsParams(p.textDocument.uri, 0));
  }

  void read(const protocol::URIForFile &uri, const std::string &text,
            int64_t version) {
    std::string file = uri.file().str();
    auto document = std::make_unique<NetDocument>(text, file, host);
    protocol::PublishDiagnosticsParams params(uri, version);
    for (const Finding &finding : document->findings()) {
      protocol::Diagnostic &d = params.diagnostics.emplace_back();
      d.range = wordAt(*document, finding.place);
      d.severity = finding.isError ? protocol::DiagnosticSeverity::Error
                                   : protocol::DiagnosticSeverity::Warning;
      d.source = "gradmill";
      d.message = finding.text;
      for (auto &[place, message] : finding.notes) {
        if (!d.relatedInformation)
          d.relatedInformation.emplace();
        protocol::Location location;
        location.uri = uri;
        location.range = wordAt(*document, place);
        d.relatedInformation->push_back({location, message});
      }
    }
    documents[file] = std::move(document);
    publish(params);
  }

  static protocol::Range wordAt(const NetDocument &document, Place place) {
    auto [begin, end] = document.wordAt(place);
    return {positionOf({place.line, begin}),
            positionOf({place.line, std::max(end, begin + 1)})};
  }

  const NetDocument *find(const protocol::TextDocumentIdentifier &id) const {
    auto found = documents.find(id.uri.file().str());
    return found == documents.end() ? nullptr : found->second.get();
  }

  //===-- Questions ---------------------------------------------------------===//

  void hover(const protocol::TextDocumentPositionParams &p,
             Callback<std::optional<protocol::Hover>> reply) {
    const NetDocument *document = find(p.textDocument);
    Place at{p.position.line, p.position.character};
    std::string markdown = document ? document->hover(at) : "";
    if (markdown.empty())
      return reply(std::nullopt);
    protocol::Hover hover(wordAt(*document, at));
    hover.contents.value = std::move(markdown);
    reply(std::optional(hover));
  }

  void complete(const protocol::CompletionParams &p,
                Callback<protocol::CompletionList> reply) {
    protocol::CompletionList list;
    if (const NetDocument *document = find(p.textDocument))
      for (const Completion &c :
           document->complete({p.position.line, p.position.character})) {
        protocol::CompletionItem &item =
            list.items.emplace_back(c.name, kindOf(c.kind));
        item.detail = c.detail;
        if (c.kind == Completion::Argument)
          item.insertText = c.name + "=";
      }
    reply(std::move(list));
  }

  void inlayHints(const protocol::InlayHintsParams &p,
                  Callback<std::vector<protocol::InlayHint>> reply) {
    std::vector<protocol::InlayHint> hints;
    if (const NetDocument *document = find(p.textDocument))
      for (auto &[place, shape] : document->shapes()) {
        if (place.line < p.range.start.line || place.line > p.range.end.line)
          continue;
        protocol::InlayHint &hint = hints.emplace_back(
            protocol::InlayHintKind::Type, positionOf(place));
        hint.label = shape;
        hint.paddingLeft = true;
      }
    reply(std::move(hints));
  }

  Host &host;
  protocol::OutgoingNotification<protocol::PublishDiagnosticsParams> publish;
  std::map<std::string, std::unique_ptr<NetDocument>> documents; // by file
};

} // namespace

int serveNets(Host &host, bool isTest) {
  llvm::sys::ChangeStdinToBinary();
  protocol::Logger::setLogLevel(protocol::Logger::Level::Error);
  protocol::JSONTransport transport(
      stdin, llvm::outs(),
      isTest ? protocol::Delimited : protocol::Standard, /*PrettyOutput=*/isTest);
  protocol::MessageHandler handler(transport);
  Server server(host);
  server.listen(handler);
  if (llvm::Error error = transport.run(handler)) {
    llvm::errs() << "gradmill-lsp-server: error: "
                 << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  return server.isShutDown ? 0 : 1;
}

} // namespace gradmill::lsp
