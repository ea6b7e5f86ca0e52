"""What a run is, declared and checked before it starts: config, methods, data, backbones."""
