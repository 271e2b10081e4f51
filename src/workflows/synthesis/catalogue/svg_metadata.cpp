#include "workflows/synthesis/catalogue/svg_metadata.h"

#include <libxml/xmlreader.h>

#include <limits>
#include <memory>

namespace fusion {

namespace {

constexpr size_t kLongestField = 200;  // bytes
constexpr size_t kMostKeywords = 100;

struct FreeReader {
  void operator()(xmlTextReader* reader) const { xmlFreeTextReader(reader); }
};
struct FreeText {
  void operator()(xmlChar* text) const { xmlFree(text); }
};
using XmlText = std::unique_ptr<xmlChar, FreeText>;

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

/// `text` with runs of white space as one space, none at the ends.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kLongestField)) {
    if (std::string_view(" \t\r\n").find(c) == std::string_view::npos) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

/// Collects the fields while the reader walks through a document.
class Collector {
 public:
  /// `path`: the names of the elements that are open, "/metadata/RDF/Work/title".
  void text(std::string_view path, std::string_view value) {
    const auto set = [&](std::string& field) {
      if (field.empty()) field = squeezed(value);
    };
    if (path.ends_with("/Work/title")) set(out_.title);
    if (path.ends_with("/Work/creator/Agent/title")) set(out_.author);
    if (path.ends_with("/Work/subject/Bag/li") && out_.keywords.size() < kMostKeywords) {
      out_.keywords.push_back(squeezed(value));
    }
  }
  void licence(std::string_view address) {
    if (out_.licence.empty()) out_.licence = squeezed(address);
  }
  SvgMetadata take() { return std::move(out_); }

 private:
  SvgMetadata out_;
};

void ignore_error(void* /*unused*/, const char* /*unused*/, xmlParserSeverities /*unused*/,
                  xmlTextReaderLocatorPtr /*unused*/) {}

}  // namespace

SvgMetadata read_svg_metadata(std::string_view svg) {
  Collector collector;
  if (svg.size() > std::numeric_limits<int>::max()) return collector.take();
  const std::unique_ptr<xmlTextReader, FreeReader> reader(
      xmlReaderForMemory(svg.data(), static_cast<int>(svg.size()), nullptr, nullptr,
                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (!reader) return collector.take();
  xmlTextReaderSetErrorHandler(reader.get(), ignore_error, nullptr);
  std::string path;
  while (xmlTextReaderRead(reader.get()) == 1) {
    const int type = xmlTextReaderNodeType(reader.get());
    const std::string_view name = view(xmlTextReaderConstLocalName(reader.get()));
    if (type == XML_READER_TYPE_ELEMENT) {
      if (name == "license" && path.ends_with("/Work")) {
        const XmlText resource(
            xmlTextReaderGetAttribute(reader.get(), reinterpret_cast<const xmlChar*>("rdf:resource")));
        collector.licence(view(resource.get()));
      }
      if (xmlTextReaderIsEmptyElement(reader.get()) == 0) (path += '/') += name;
    } else if (type == XML_READER_TYPE_TEXT) {
      collector.text(path, view(xmlTextReaderConstValue(reader.get())));
    } else if (type == XML_READER_TYPE_END_ELEMENT) {
      path.resize(path.rfind('/'));
      if (name == "metadata") break;
    }
  }
  return collector.take();
}

}  // namespace fusion
