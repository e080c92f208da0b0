#include "rectify/observe/watch_log_json.h"

#include <utility>

namespace rectify::observe {
namespace {

template <class Struct, class T>
using Named = std::pair<const char*, T Struct::*>;

constexpr Named<Window, double> window_numbers[] = {{"loss", &Window::loss}, {"loss_deviation", &Window::loss_deviation}, {"first_loss", &Window::first_loss},
                                                    {"last_loss", &Window::last_loss}, {"learning_rate", &Window::learning_rate}};
constexpr Named<LayerWindow, int64_t> layer_counts[] = {{"values", &LayerWindow::values}, {"dead_units", &LayerWindow::dead_units}, {"stuck_units", &LayerWindow::stuck_units},
                                                        {"linear_units", &LayerWindow::linear_units}, {"non_finite", &LayerWindow::non_finite}};
constexpr Named<LayerWindow, double> layer_numbers[] = {{"mean", &LayerWindow::mean}, {"rms", &LayerWindow::rms}, {"uncentred", &LayerWindow::uncentred},
                                                        {"smallest", &LayerWindow::smallest}, {"largest", &LayerWindow::largest}, {"zeros", &LayerWindow::zeros},
                                                        {"saturated", &LayerWindow::saturated}};
/// Those that a window may lack.
constexpr Named<LayerWindow, double> sampled_numbers[] = {{"pre_activation_rms", &LayerWindow::pre_activation_rms}, {"input", &LayerWindow::input},
                                                          {"input_uncentred", &LayerWindow::input_uncentred}, {"output_gradient", &LayerWindow::output_gradient},
                                                          {"pre_activation_gradient", &LayerWindow::pre_activation_gradient}, {"weight", &LayerWindow::weight},
                                                          {"weight_gradient", &LayerWindow::weight_gradient}, {"bias", &LayerWindow::bias},
                                                          {"largest_bias", &LayerWindow::largest_bias}, {"update", &LayerWindow::update},
                                                          {"sign_agreement", &LayerWindow::sign_agreement}, {"mean_share", &LayerWindow::mean_share},
                                                          {"unit_spread", &LayerWindow::unit_spread}};

Json to_json(const LayerWindow& layer) {
  Json json;
  for (const auto& [name, member] : layer_counts) json[name] = layer.*member;
  for (const auto& [name, member] : layer_numbers) json[name] = number(layer.*member);
  for (const auto& [name, member] : sampled_numbers) {
    if (!std::isnan(layer.*member)) json[name] = number(layer.*member);
  }
  return json;
}

Json to_json(const Window& window) {
  Json json = {{"first_step", window.first_step}, {"last_step", window.last_step}};
  for (const auto& [name, member] : window_numbers) json[name] = number(window.*member);
  json["layers"] = Json::array();
  for (const LayerWindow& layer : window.layers) json["layers"].push_back(to_json(layer));
  return json;
}

LayerWindow layer_window(const Field& field) {
  LayerWindow layer;
  for (const auto& [name, member] : layer_counts) layer.*member = field[name].count();
  for (const auto& [name, member] : layer_numbers) layer.*member = field[name].number();
  for (const auto& [name, member] : sampled_numbers) {
    if (field.has(name)) layer.*member = field[name].number();
  }
  return layer;
}

Window window(const Field& field) {
  Window result;
  result.first_step = field["first_step"].count();
  result.last_step = field["last_step"].count();
  for (const auto& [name, member] : window_numbers) result.*member = field[name].number();
  field["layers"].each([&](const Field& layer) { result.layers.push_back(layer_window(layer)); });
  return result;
}

std::vector<UnitHistory> histories(const Field& field) {
  std::vector<UnitHistory> units;
  field["silent_values"].each([&](const Field& item) { units.push_back({.silent_values = item.count()}); });
  size_t next = 0;
  field["silent_since"].each([&](const Field& item) {
    if (next < units.size()) units[next].silent_since = item.count();
    ++next;
  });
  field["silent_since"].require_entries(next, units.size(), "units");
  return units;
}

}  // namespace

Json to_json(const WatchLog& log) {
  Json layers = Json::array(), windows = Json::array(), units = Json::array();
  for (const LayerIdentity& layer : log.layers) {
    layers.push_back({{"name", layer.name}, {"layer", layer.layer}, {"activation", layer.activation}, {"units", layer.units}, {"fan_in", layer.fan_in}});
  }
  for (const Window& one : log.windows) windows.push_back(to_json(one));
  for (const std::vector<UnitHistory>& of_layer : log.units) {
    Json silent_values = Json::array(), silent_since = Json::array();
    for (const UnitHistory& unit : of_layer) silent_values.push_back(unit.silent_values), silent_since.push_back(unit.silent_since);
    units.push_back({{"silent_values", std::move(silent_values)}, {"silent_since", std::move(silent_since)}});
  }
  return {{"every", log.every}, {"layers", std::move(layers)}, {"windows", std::move(windows)}, {"units", std::move(units)}};
}

WatchLog watch_log(const Field& field) {
  WatchLog log;
  log.every = field["every"].count();
  field["layers"].each([&](const Field& item) {
    log.layers.push_back({.name = item["name"].text(), .layer = item["layer"].text(), .activation = item["activation"].text(), .units = item["units"].count(),
                          .fan_in = item["fan_in"].count()});
  });
  field["windows"].each([&](const Field& item) {
    log.windows.push_back(window(item));
    item["layers"].require_entries(log.windows.back().layers.size(), log.layers.size(), "layers");
  });
  field["units"].each([&](const Field& item) {
    log.units.push_back(histories(item));
    const size_t place = log.units.size() - 1;
    if (place < log.layers.size()) item["silent_values"].require_entries(log.units.back().size(), static_cast<size_t>(log.layers[place].units), "units");
  });
  field["units"].require_entries(log.units.size(), log.layers.size(), "layers");
  return log;
}

}  // namespace rectify::observe
