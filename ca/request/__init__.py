"""What comes in, read: CSRs and uploaded certificates. Whether they are good enough is left to `ca.policy`."""
