"""What moto lacks: instances that run, databases that answer, targets that are probed, commands that are carried out."""
