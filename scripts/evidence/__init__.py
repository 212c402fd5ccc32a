# SPDX-License-Identifier: Apache-2.0
"""Many training runs and what they show: the machinery of scripts/accuracy and scripts/ablation."""
