"""What people use instead of Pulumi, each a program of its own."""
