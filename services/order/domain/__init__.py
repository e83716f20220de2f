"""The rules of ordering and paying: frozen state, tables of transitions, no clock and no IO."""
