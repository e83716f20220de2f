"""The rules of booking a workshop: frozen state, tables of transitions, no clock and no IO."""
