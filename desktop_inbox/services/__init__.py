"""What a person can do: functions of a transaction, for clicks, commands, rules and tests alike."""
