"""What is wrong with a signed call, told apart after it was refused. Nothing found here makes a signature good."""
