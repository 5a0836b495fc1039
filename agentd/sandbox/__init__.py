"""The sandbox: a private PBX and a private outside world, for the demo and for the tests."""
