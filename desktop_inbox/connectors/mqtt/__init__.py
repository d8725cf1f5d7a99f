"""MQTT: devices that tell how they are, one conversation each."""
