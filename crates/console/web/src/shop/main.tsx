document.getElementById("app")!.textContent = "Relais";
export {};
