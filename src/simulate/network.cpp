// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "simulate/network.hpp"

#include "simulate/model.hpp"

namespace flowspan::simulate {

Network::Network(const Plan& plan) : model_(std::make_unique<Model>(plan)) {}
Network::~Network() = default;

std::optional<Time> Network::due() { return model_->due(); }
Export Network::take() { return model_->take(); }
const Sums& Network::sums() const { return model_->sums; }
const std::vector<Label>& Network::labels() const { return model_->labels; }

}  // namespace flowspan::simulate
