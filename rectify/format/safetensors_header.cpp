#include "rectify/format/safetensors_header.h"

#include <nlohmann/json.hpp>
#include <set>

namespace rectify::format {
namespace {

constexpr size_t largest_header = 100'000'000;  // the limit of the reference implementation

/// What the parser is inside of. The format has exactly these places, so that the depth is bounded by construction.
enum class Place { start, top, entry, shape, offsets, metadata, end };

/// Receives the events of the parser. A handler that returns false stops it.
class Reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  Header header;
  std::string problem;

  bool key(string_t& text) override {
    switch (place_) {
      case Place::top:
        if (!names_.insert(text).second) return refuse("the name \"" + text + "\" occurs twice.");
        name_ = text;
        return true;
      case Place::entry:
        if (text != "dtype" && text != "shape" && text != "data_offsets") return refuse(subject() + "there is no field \"" + text + "\" in the format.");
        if (!fields_.insert(text).second) return refuse(subject() + "\"" + text + "\" occurs twice.");
        field_ = text;
        return true;
      case Place::metadata:
        if (header.metadata.contains(text)) return refuse("the metadata key \"" + text + "\" occurs twice.");
        name_ = text;
        return true;
      default: return refuse("a key is out of place.");
    }
  }

  bool start_object(size_t) override {
    if (place_ == Place::start) return enter(Place::top);
    if (place_ != Place::top) return refuse(subject() + "an object is out of place.");
    if (name_ == "__metadata__") return enter(Place::metadata);
    header.entries.emplace_back().name = name_;
    fields_.clear();
    return enter(Place::entry);
  }

  bool end_object() override {
    if (place_ == Place::entry && fields_.size() != 3) return refuse(subject() + "dtype, shape and data_offsets must all be there.");
    return enter(place_ == Place::top ? Place::end : Place::top);
  }

  bool start_array(size_t) override {
    if (place_ != Place::entry || field_ == "dtype") return refuse(subject() + "an array is out of place.");
    offsets_seen_ = 0;
    return enter(field_ == "shape" ? Place::shape : Place::offsets);
  }

  bool end_array() override {
    if (place_ == Place::offsets && offsets_seen_ != 2) return refuse(subject() + "data_offsets must be two numbers.");
    return enter(Place::entry);
  }

  bool string(string_t& text) override {
    if (place_ == Place::metadata) {
      header.metadata.emplace(name_, text);
      return true;
    }
    if (place_ != Place::entry || field_ != "dtype") return refuse(subject() + "a text is out of place.");
    header.entries.back().dtype = text;
    return true;
  }

  bool number_unsigned(number_unsigned_t number) override {
    HeaderEntry* entry = header.entries.empty() ? nullptr : &header.entries.back();
    if (place_ == Place::shape) {
      entry->shape.push_back(number);
      return true;
    }
    if (place_ != Place::offsets) return refuse(subject() + "a number is out of place.");
    if (++offsets_seen_ > 2) return refuse(subject() + "data_offsets must be two numbers.");
    (offsets_seen_ == 1 ? entry->begin : entry->end) = number;
    return true;
  }

  bool number_integer(number_integer_t number) override { return refuse(subject() + std::to_string(number) + " is negative."); }
  bool number_float(number_float_t, const string_t& text) override { return refuse(subject() + text + " is not a whole number below 2^64."); }
  bool null() override { return refuse(subject() + "null is out of place."); }
  bool boolean(bool) override { return refuse(subject() + "a truth value is out of place."); }
  bool binary(binary_t&) override { return refuse("binary data are out of place."); }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    return refuse("it is not JSON at byte " + std::to_string(position) + ".");
  }

 private:
  bool refuse(const std::string& what) {
    if (problem.empty()) problem = "the header is malformed: " + what;
    return false;
  }

  bool enter(Place place) {
    place_ = place;
    return true;
  }

  std::string subject() const { return name_.empty() ? "" : "\"" + name_ + "\": "; }

  Place place_ = Place::start;
  std::string name_, field_;
  std::set<std::string> names_, fields_;
  int offsets_seen_ = 0;
};

}  // namespace

Result<Header> parse_safetensors_header(std::string_view text) {
  if (text.size() > largest_header) {
    return Failure{"the header has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(largest_header) + " are possible."};
  }
  if (text.empty() || text.front() != '{') return Failure{"the header does not begin with '{': this is not a safetensors file."};
  Reader reader;
  if (!nlohmann::json::sax_parse(text, &reader)) {
    return Failure{reader.problem.empty() ? "the header is malformed." : reader.problem};
  }
  return std::move(reader.header);
}

}  // namespace rectify::format
