"""One package or file per channel, all behind `contract.Connector`."""
