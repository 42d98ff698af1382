console.info("Relais widget");
