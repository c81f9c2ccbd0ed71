"""What happened, stage by stage, and why something was refused. Pure: where entries are kept is storage's business."""
