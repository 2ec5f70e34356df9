"""What a directive of the right shape may still get wrong; each file looks at one part of it."""
