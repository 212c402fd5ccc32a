// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "cli/totals.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "device/input_error.h"

namespace cuatro::cli {
namespace {

constexpr std::array kFields{&Counters::commands,    &Counters::useful_macs,        &Counters::cycles,
                             &Counters::mac_cycles,  &Counters::drain_stall_cycles, &Counters::busy_cycles,
                             &Counters::load_cycles, &Counters::store_cycles};

// Every number of the totals in a fixed order, for writing and reading alike.
template <class T, class Visit>
void visit(T& t, Visit v) {
  v("commands", t.device.commands);
  v("useful_macs", t.device.useful_macs);
  v("cycles", t.device.cycles);
  v("mac_cycles", t.device.mac_cycles);
  v("drain_stall_cycles", t.device.drain_stall_cycles);
  v("busy_cycles", t.device.busy_cycles);
  v("load_cycles", t.device.load_cycles);
  v("store_cycles", t.device.store_cycles);
  v("weights_clipped", t.saturation.weights.clipped);
  v("weights_elements", t.saturation.weights.elements);
  v("activations_clipped", t.saturation.activations.clipped);
  v("activations_elements", t.saturation.activations.elements);
  v("gradients_clipped", t.saturation.gradients.clipped);
  v("gradients_elements", t.saturation.gradients.elements);
  v("lockstep_steps", t.lockstep_steps);
  v("lockstep_commands", t.lockstep_commands);
  v("lockstep_words", t.lockstep_words);
  v("images", t.images);
  v("correct", t.correct);
  v("predictions", t.predictions);
  v("loss_sum", t.loss_sum);
  v("train_seconds", t.train_seconds);
  v("save_seconds", t.save_seconds);
}

constexpr std::array kKindNames{"weight", "positive", "signed", "gradient"};

nlohmann::json to_json(const std::vector<nn::SiteStatistics>& sites) {
  nlohmann::json list = nlohmann::json::array();
  for (const nn::SiteStatistics& site : sites) {
    list.push_back({{"name", site.name},
                    {"kind", name_of(site.kind)},
                    {"elements", site.counts.elements},
                    {"saturated", site.counts.saturated},
                    {"underflow", site.counts.underflow},
                    {"exponents", site.counts.exponents}});
  }
  return list;
}

nlohmann::json to_json(const std::vector<LabelCycles>& products) {
  nlohmann::json list = nlohmann::json::array();
  for (const LabelCycles& p : products) {
    list.push_back(
        {{"label", p.label}, {"commands", p.commands}, {"useful_macs", p.useful_macs}, {"cycles", p.cycles}});
  }
  return list;
}

// The library would turn any number into a count.
void read(const nlohmann::json& from, const char* name, std::uint64_t& count) {
  const nlohmann::json& value = from.at(name);
  if (!value.is_number_unsigned()) throw InputError(fmt::format("{}: expected a count", name));
  value.get_to(count);
}
void read(const nlohmann::json& from, const char* name, double& number) { from.at(name).get_to(number); }

std::vector<LabelCycles> products_from_json(const nlohmann::json& list) {
  std::vector<LabelCycles> products;
  for (const nlohmann::json& p : list) {
    LabelCycles& product = products.emplace_back();
    p.at("label").get_to(product.label);
    read(p, "commands", product.commands);
    read(p, "useful_macs", product.useful_macs);
    read(p, "cycles", product.cycles);
  }
  return products;
}

// Adds `b` to `a`, entry by entry of the same name.
template <class Entry, class Add>
std::vector<Entry> sum_by(std::vector<Entry> a, const std::vector<Entry>& b, std::string Entry::*name, Add add) {
  for (const Entry& more : b) {
    const auto same = std::find_if(a.begin(), a.end(), [&](const Entry& entry) { return entry.*name == more.*name; });
    if (same == a.end()) {
      a.push_back(more);
    } else {
      add(*same, more);
    }
  }
  return a;
}

std::vector<nn::SiteStatistics> sites_from_json(const nlohmann::json& list) {
  std::vector<nn::SiteStatistics> sites;
  for (const nlohmann::json& entry : list) {
    const auto kind = std::find(kKindNames.begin(), kKindNames.end(), entry.at("kind").get<std::string>());
    if (kind == kKindNames.end()) throw InputError(fmt::format("sites: unknown kind {}", entry.at("kind").dump()));
    nn::SiteStatistics site{entry.at("name"), static_cast<nn::OperandKind>(kind - kKindNames.begin()), {}};
    read(entry, "elements", site.counts.elements);
    read(entry, "saturated", site.counts.saturated);
    read(entry, "underflow", site.counts.underflow);
    const nlohmann::json& exponents = entry.at("exponents");
    const bool counts = std::all_of(exponents.begin(), exponents.end(), [](const auto& n) { return n.is_number_unsigned(); });
    if (!counts || exponents.size() != site.counts.exponents.size()) {
      throw InputError(fmt::format("exponents: expected {} counts", site.counts.exponents.size()));
    }
    exponents.get_to(site.counts.exponents);
    sites.push_back(std::move(site));
  }
  return sites;
}

}  // namespace

const char* name_of(nn::OperandKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

std::vector<nn::SiteStatistics> operator+(const std::vector<nn::SiteStatistics>& a,
                                          const std::vector<nn::SiteStatistics>& b) {
  return sum_by(a, b, &nn::SiteStatistics::name, [](nn::SiteStatistics& sum, const nn::SiteStatistics& more) {
    nn::SiteCounts& to = sum.counts;
    to.elements += more.counts.elements;
    to.saturated += more.counts.saturated;
    to.underflow += more.counts.underflow;
    for (std::size_t i = 0; i < to.exponents.size(); ++i) to.exponents[i] += more.counts.exponents[i];
  });
}

std::vector<LabelCycles> operator+(const std::vector<LabelCycles>& a, const std::vector<LabelCycles>& b) {
  return sum_by(a, b, &LabelCycles::label, [](LabelCycles& to, const LabelCycles& more) {
    to.commands += more.commands;
    to.useful_macs += more.useful_macs;
    to.cycles += more.cycles;
  });
}

std::string layers_text(const std::vector<nn::SiteStatistics>& sites, const std::vector<LabelCycles>& products) {
  return nlohmann::json{{"sites", to_json(sites)}, {"products", to_json(products)}}.dump(1) + "\n";
}

std::pair<std::vector<nn::SiteStatistics>, std::vector<LabelCycles>> layers_from_text(const std::string& text) {
  try {
    const auto j = nlohmann::json::parse(text);
    return {sites_from_json(j.at("sites")), products_from_json(j.at("products"))};
  } catch (const nlohmann::json::exception& e) {
    throw InputError(e.what());
  }
}

Counters operator-(const Counters& a, const Counters& b) {
  Counters d;
  for (const auto field : kFields) d.*field = a.*field - b.*field;
  return d;
}

Counters operator+(const Counters& a, const Counters& b) {
  Counters s;
  for (const auto field : kFields) s.*field = a.*field + b.*field;
  return s;
}

nn::Saturation operator+(const nn::Saturation& a, const nn::Saturation& b) {
  const auto add = [](const auto& x, const auto& y) {
    return nn::Saturation::Class{x.clipped + y.clipped, x.elements + y.elements};
  };
  return {add(a.weights, b.weights), add(a.activations, b.activations), add(a.gradients, b.gradients)};
}

double Totals::mac_utilisation(std::uint32_t macs_per_cycle) const {
  const double most = static_cast<double>(macs_per_cycle) * static_cast<double>(device.cycles);
  return most > 0 ? static_cast<double>(device.useful_macs) / most : 0;
}

double Totals::gmacs_per_second() const {
  return train_seconds > 0 ? static_cast<double>(device.useful_macs) / train_seconds * 1e-9 : 0;
}

std::string to_text(const Totals& totals) {
  nlohmann::json j;
  visit(totals, [&](const char* name, const auto& value) { j[name] = value; });
  j["sites"] = to_json(totals.sites);
  j["products"] = to_json(totals.products);
  return j.dump();
}

Totals totals_from_text(const std::string& text) {
  Totals totals;
  try {
    const auto j = nlohmann::json::parse(text);
    visit(totals, [&](const char* name, auto& value) { read(j, name, value); });
    totals.sites = sites_from_json(j.at("sites"));
    totals.products = products_from_json(j.at("products"));
  } catch (const std::exception& e) {
    throw InputError(fmt::format("__metadata__.totals: {}", e.what()));
  }
  return totals;
}

}  // namespace cuatro::cli
