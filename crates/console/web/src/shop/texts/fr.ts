// The shop in French; English has the same keys (see index.ts).

export const fr = {
  title: "La Maison du Fil — mercerie en ligne",
  tagline: "Mercerie en ligne depuis 1987",
  other: "English",
  skip: "Aller au contenu",
  menu: { label: "Rubriques", shop: "La boutique", delivery: "Livraison", returns: "Retours", orders: "Suivre ma commande" },
  hero: {
    title: "De quoi coudre, broder, tricoter, et réparer ce que l’on aime.",
    text: "Des fils français, des laines qui ont un nom, des outils qui durent. Nous préparons chaque commande à la main, dans notre atelier de Roubaix.",
    action: "Voir la boutique",
  },
  shop: { title: "Cette semaine à l’atelier", add: "Ajouter au panier", addThis: (name: string) => `Ajouter au panier : ${name}`, added: (n: number) => `Panier : ${n} ${n > 1 ? "articles" : "article"}` },
  products: {
    thread: { name: "Fil à coudre Gutta, 500 m", text: "Polyester recyclé, résistant. 120 teintes." },
    yarn: { name: "Laine mérinos Ombelle", text: "Pelote de 100 g, filée dans le Tarn." },
    scissors: { name: "Ciseaux de tailleur 21 cm", text: "Acier forgé à Thiers, affûtables à vie." },
    buttons: { name: "Boutons en corozo", text: "Lot de six, 18 mm. Ivoire végétal." },
    hoop: { name: "Tambour à broder en hêtre", text: "Diamètre 18 cm, vis laiton." },
    ribbon: { name: "Ruban de velours", text: "Au mètre, largeur 25 mm." },
  },
  delivery: {
    title: "Livraison",
    rows: [
      ["Point relais", "3 à 5 jours ouvrés", "3,90 €, offert dès 45 €"],
      ["À domicile, Colissimo", "2 à 3 jours ouvrés", "5,90 €, offert dès 70 €"],
      ["Express, avant 13 h", "le lendemain, commande passée avant 15 h", "12,90 €"],
      ["Belgique, Luxembourg, Suisse", "4 à 6 jours ouvrés", "8,50 €"],
    ],
    heads: ["Mode", "Délai", "Prix"],
    note: "Un colis dont le suivi ne bouge plus depuis cinq jours ouvrés est réexpédié ou remboursé, à votre choix. Écrivez-nous : une personne s’en occupe.",
  },
  returns: {
    title: "Retours et remboursements",
    points: [
      "Vous avez 30 jours pour changer d’avis ; l’étiquette de retour est gratuite en France.",
      "Un article abîmé ou une erreur de notre part ? Nous renvoyons aussitôt, sans attendre le retour.",
      "Le remboursement part dans les 48 heures qui suivent la réception, sur le moyen de paiement d’origine.",
      "Le ruban et le tissu coupés au mètre ne sont ni repris ni échangés, sauf défaut.",
    ],
  },
  orders: {
    title: "Suivre ma commande",
    text: "Votre numéro de commande, à quatre chiffres, est dans l’e-mail de confirmation. Donnez-le dans la discussion, en bas à droite : vous aurez la réponse aussitôt.",
    example: "Par exemple : « Où en est ma commande 4521 ? »",
    action: "Ouvrir la discussion",
  },
  footer: "Boutique de démonstration : rien n’est à vendre ici. La discussion, elle, est bien réelle.",
};
