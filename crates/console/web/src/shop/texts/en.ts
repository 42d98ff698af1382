// The shop in English.

import type { Texts } from "./index.ts";

export const en: Texts = {
  title: "La Maison du Fil — online haberdashery",
  tagline: "Haberdashers online since 1987",
  other: "Français",
  skip: "Skip to content",
  menu: { label: "Sections", shop: "The shop", delivery: "Delivery", returns: "Returns", orders: "Track my order" },
  hero: {
    title: "What you need to sew, embroider, knit, and mend what you love.",
    text: "French threads, wools with a name, tools that last. We prepare every order by hand in our workshop in Roubaix.",
    action: "See the shop",
  },
  shop: { title: "This week at the workshop", add: "Add to basket", addThis: (name) => `Add to basket: ${name}`, added: (n) => `Basket: ${n} ${n > 1 ? "items" : "item"}` },
  products: {
    thread: { name: "Gutta sewing thread, 500 m", text: "Recycled polyester, strong. 120 shades." },
    yarn: { name: "Ombelle merino wool", text: "100 g ball, spun in the Tarn." },
    scissors: { name: "Tailor’s scissors, 21 cm", text: "Steel forged in Thiers, sharpened for life." },
    buttons: { name: "Corozo buttons", text: "Set of six, 18 mm. Vegetable ivory." },
    hoop: { name: "Beech embroidery hoop", text: "18 cm across, brass screw." },
    ribbon: { name: "Velvet ribbon", text: "By the metre, 25 mm wide." },
  },
  delivery: {
    title: "Delivery",
    rows: [
      ["Pick-up point", "3 to 5 working days", "€3.90, free from €45"],
      ["At home, Colissimo", "2 to 3 working days", "€5.90, free from €70"],
      ["Express, before 1 p.m.", "next day, when ordered before 3 p.m.", "€12.90"],
      ["Belgium, Luxembourg, Switzerland", "4 to 6 working days", "€8.50"],
    ],
    heads: ["How", "How long", "Price"],
    note: "A parcel whose tracking has not moved for five working days is sent again or refunded, as you choose. Write to us: a person takes care of it.",
  },
  returns: {
    title: "Returns and refunds",
    points: [
      "You have 30 days to change your mind; the return label is free in France.",
      "A damaged article, or our mistake? We send another at once, without waiting for the return.",
      "The refund leaves within 48 hours of reception, to the original means of payment.",
      "Ribbon and cloth cut by the metre cannot be returned or exchanged, unless they are faulty.",
    ],
  },
  orders: {
    title: "Track my order",
    text: "Your order number, of four digits, is in the confirmation e-mail. Give it in the chat, at the bottom right: you will have the answer at once.",
    example: "For example: “Where is my order 4521?”",
    action: "Open the chat",
  },
  footer: "A demonstration shop: nothing is for sale here. The chat, though, is quite real.",
};
